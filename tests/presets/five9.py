"""A double of Five9: a dialing list, behind its SOAP service held to the preset's schema, and its form.

The form answers 200 to everything, with a page or, where it is told `F9retURL`, with a redirect.
"""

import base64
from dataclasses import dataclass, field
from html import escape
from typing import Any
from urllib.parse import parse_qsl, quote

from lxml import etree

from leadrelay.recipients.http_server import Request, Response
from presets.staging import PRESETS

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ADMIN = "http://service.admin.ws.five9.com/"
LOGIN = "Basic " + base64.b64encode(b"api@example.com:dial-tone").decode()


def _schema() -> Any:
    wsdl: Any = etree.parse(PRESETS / "five9_admin.wsdl")
    schema = wsdl.find(".//{http://www.w3.org/2001/XMLSchema}schema")
    return etree.XMLSchema(etree.fromstring(etree.tostring(schema)))  # with the prefixes that it needs


@dataclass
class Five9:
    lists: frozenset[str] = frozenset({"Web leads"})
    domains: frozenset[str] = frozenset({"Your Domain"})
    busy: int = 0  # how many requests are above the limit
    fault: str = ""  # what the service cannot do otherwise
    records: dict[str, list[str]] = field(default_factory=dict)  # by number
    requests: list[Request] = field(default_factory=list)
    _schema: Any = field(default_factory=_schema)

    async def hear(self, request: Request) -> Response:
        self.requests.append(request)
        if request.headers.get("authorization") != LOGIN:
            return Response(401, b"<html>Unauthorized</html>", "text/html")
        if request.path == "/web2campaign/AddToList":
            return self._form(request)
        return self._soap(request)

    # SOAP

    def _soap(self, request: Request) -> Response:
        if request.headers.get("soapaction") != '""' or request.media_type != "text/xml":
            return _fault("no SOAPAction")
        body = etree.fromstring(request.body).find(f"{{{SOAP}}}Body")[0]
        if not self._schema.validate(etree.ElementTree(body)):
            return _fault(f"Unmarshalling Error: {self._schema.error_log.last_error.message}")
        if self.busy:
            self.busy -= 1
            return _fault("The request exceeds the limit of operations per minute")
        if self.fault:
            return _fault(self.fault)
        return self._added(body)

    def _added(self, body: Any) -> Response:
        name, settings = body.findtext("listName"), body.find("listUpdateSettings")
        if name not in self.lists:
            return _fault(f'List "{name}" does not exist')
        columns = [int(entry.findtext("columnNumber")) for entry in settings.iterfind("fieldsMapping")]
        fields = [each.text or "" for each in body.iterfind("record/fields")]
        if columns != list(range(1, len(fields) + 1)):
            return _fault("columns do not fit the record")
        number = fields[0]
        if not (number.isdigit() and len(number) == 10):
            return _result(name, failure=f"Incorrect number: {number}", errors=1)
        is_new = number not in self.records
        self.records[number] = fields
        return _result(name, inserted=int(is_new), updated=int(not is_new))

    # Web2Campaign

    def _form(self, request: Request) -> Response:
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        code, words = self._judged(form)
        back = form.get("F9retURL")
        if back:
            location = f"{back}?F9errCode={code}&F9errDesc={quote(words)}"
            return Response(302, b"", "text/html", (("Location", location),))
        inputs = "".join(
            f'<TR><TD><INPUT readonly id="{name}" name="{name}" value="{escape(value)}" size="10"></TD></TR>'
            for name, value in (*form.items(), ("F9errCode", str(code)), ("F9errDesc", words))
        )
        page = f"<HTML><BODY><FORM><TABLE>{inputs}</TABLE></FORM></BODY></HTML>\r\n"
        return Response(200, page.encode(), "text/html")

    def _judged(self, form: dict[str, str]) -> tuple[int, str]:
        if self.busy:
            self.busy -= 1
            return 715, "Too many requests"
        if form.get("F9domain") not in self.domains:
            return 718, "Domain is not found"
        number = form.get("number1", "")
        if not number:
            return 700, "Required field is missing: number1"
        if not (number.isdigit() and len(number) == 10):
            return 714, "Incorrect format of the field number1"
        if number in self.records:
            return 603, "Record already in list"
        self.records[number] = [number]
        return 0, "The request was successfully processed"


def _result(
    name: str, *, inserted: int = 0, updated: int = 0, errors: int = 0, failure: str = ""
) -> Response:
    told = f"<failureMessage>{failure}</failureMessage>" if failure else ""
    return _envelope(
        200,
        f'<ns2:addRecordToListResponse xmlns:ns2="{ADMIN}"><return>{told}'
        f"<uploadDuplicatesCount>0</uploadDuplicatesCount><uploadErrorsCount>{errors}</uploadErrorsCount>"
        f"<callNowQueued>{inserted}</callNowQueued><crmRecordsInserted>{inserted}</crmRecordsInserted>"
        f"<crmRecordsUpdated>{updated}</crmRecordsUpdated><listName>{name}</listName>"
        f"<listRecordsDeleted>0</listRecordsDeleted><listRecordsInserted>{inserted}</listRecordsInserted>"
        "</return></ns2:addRecordToListResponse>",
    )


def _fault(words: str) -> Response:
    return _envelope(
        500,
        f"<env:Fault><faultcode>env:Server</faultcode><faultstring>{escape(words)}</faultstring></env:Fault>",
    )


def _envelope(status: int, inner: str) -> Response:
    body = f'<env:Envelope xmlns:env="{SOAP}"><env:Header/><env:Body>{inner}</env:Body></env:Envelope>'
    return Response(status, body.encode(), "text/xml;charset=utf-8")
