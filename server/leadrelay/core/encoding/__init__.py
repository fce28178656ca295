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
from leadrelay.core.encoding.form import FormEncoder
from leadrelay.core.encoding.form import append_query as append_query
from leadrelay.core.encoding.form import to_query as to_query
from leadrelay.core.encoding.json_body import JsonEncoder
from leadrelay.core.encoding.payload import Payload as Payload
from leadrelay.core.encoding.payload import nest as nest
from leadrelay.core.values import NotCompiled, Problem


def compile_body(body: Body) -> Encoder:
    """The encoder of a body. Raises NotCompiled with everything that is wrong with it."""
    if body.format is Format.JSON:
        return JsonEncoder()
    if body.format is Format.FORM:
        return FormEncoder()
    if body.format is Format.QUERY:
        return FormEncoder(content_type="")
    raise NotCompiled((Problem(None, "format", f"{body.format.value} bodies are not available"),))
