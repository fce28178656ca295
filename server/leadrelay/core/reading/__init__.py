"""From a reply to an outcome (behaviour 6): rules compiled once, read once per reply."""

from leadrelay.core.reading.compiling import compile_reading as compile_reading
from leadrelay.core.reading.explaining import TriedRule as TriedRule
from leadrelay.core.reading.peer import PeerReading as PeerReading
from leadrelay.core.reading.protocol import Reading as Reading
from leadrelay.core.reading.spec import CodeRule as CodeRule
from leadrelay.core.reading.spec import LeadConduitSpec as LeadConduitSpec
from leadrelay.core.reading.spec import Match as Match
from leadrelay.core.reading.spec import OnMatch as OnMatch
from leadrelay.core.reading.spec import ReadingRule as ReadingRule
from leadrelay.core.reading.spec import ReadingSpec as ReadingSpec
