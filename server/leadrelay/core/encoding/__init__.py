"""Bodies: a payload becomes bytes (behaviour 3.5). Compiled once per destination."""

from leadrelay.core.encoding.body import Align as Align
from leadrelay.core.encoding.body import Body as Body
from leadrelay.core.encoding.body import Column as Column
from leadrelay.core.encoding.body import CsvSpec as CsvSpec
from leadrelay.core.encoding.body import Encoder as Encoder
from leadrelay.core.encoding.body import EncodingError as EncodingError
from leadrelay.core.encoding.body import FixedWidthSpec as FixedWidthSpec
from leadrelay.core.encoding.body import Format as Format
from leadrelay.core.encoding.body import XmlSpec as XmlSpec
from leadrelay.core.encoding.compiling import compile_body as compile_body
from leadrelay.core.encoding.form import append_query as append_query
from leadrelay.core.encoding.form import escaped as escaped
from leadrelay.core.encoding.form import to_query as to_query
from leadrelay.core.encoding.payload import Payload as Payload
from leadrelay.core.encoding.payload import nest as nest
