"""LeadConduit's settings for responses, with their meaning there (behaviour 6).

Verified against the public source and tests of its custom integration. Where that has a defect the right
thing is done instead, and said where it is done.
"""

from leadrelay.core.reading.leadconduit.compiling import compile_leadconduit as compile_leadconduit
from leadrelay.core.reading.leadconduit.reading import COOKIE as COOKIE
