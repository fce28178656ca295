"""JSONPath (RFC 9535) over a parsed reply, with an end to what one path may look at (behaviour 6).

The same parser reads dotted paths, in which `*` stands for every member: `errors.*.message`. Values in
filters compare as everywhere in a catalog: case does not count, and numbers equal their text.
"""

from leadrelay.core.reading.jsonpath.evaluating import Segment as Segment
from leadrelay.core.reading.jsonpath.evaluating import find as find
from leadrelay.core.reading.jsonpath.filters import BadPath as BadPath
from leadrelay.core.reading.jsonpath.parsing import segments_of as segments_of
