"""Where leads may go: public addresses, and what somebody opened on purpose (behaviour 9)."""

from leadrelay.core.egress.addresses import NEVER_OPENED as NEVER_OPENED
from leadrelay.core.egress.addresses import Closed as Closed
from leadrelay.core.egress.addresses import IpAddress as IpAddress
from leadrelay.core.egress.judging import closed_because as closed_because
from leadrelay.core.egress.judging import is_allowed as is_allowed
from leadrelay.core.egress.rules import VARIABLE as VARIABLE
from leadrelay.core.egress.rules import BadRule as BadRule
from leadrelay.core.egress.rules import Rule as Rule
from leadrelay.core.egress.rules import operators_rules as operators_rules
from leadrelay.core.egress.rules import parse_rule as parse_rule
