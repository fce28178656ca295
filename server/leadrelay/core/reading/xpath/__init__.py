"""XPath 1.0 over a stranger's document, with an end to what one expression may look at (behaviour 6).

Prefixes and namespaces mean nothing unless the reading declares them: recipients change their prefixes
and mean the same. A text that is itself XML counts as elements, because legacy services return whole
documents inside one string element.
"""

from leadrelay.core.reading.xpath.evaluating import XPath as XPath
from leadrelay.core.reading.xpath.parsing import compile_xpath as compile_xpath
from leadrelay.core.reading.xpath.tokens import BadXPath as BadXPath
