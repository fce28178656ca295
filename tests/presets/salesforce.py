"""A double of Salesforce: its token endpoint, its Lead object by REST, and its Web-to-Lead form.

It knows the columns of a Lead with their lengths, answers errors in the form of its REST API, and lets
sessions end. Web-to-Lead answers 200 whatever is posted, and makes a Lead only of what would be one.
"""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from joserfc.jwk import RSAKey

from authorization_server import Client, Issuer
from leadrelay.recipients.http_server import Request, Response, as_json
from leadrelay.recipients.submission import is_email, json_value

RESOURCE = "/services/data/v62.0/sobjects/Lead"
LENGTHS = {
    "LastName": 80,
    "FirstName": 40,
    "Company": 255,
    "Email": 80,
    "Phone": 40,
    "Street": 255,
    "City": 40,
    "State": 80,
    "PostalCode": 20,
    "LeadSource": 255,
    "Description": 32_000,
}
CONSUMER_KEY = "3MVG9.the.consumer.key.of.your.app"


def an_issuer(public_key: RSAKey | None = None, secret: str = "consumer-secret") -> Issuer:
    """Its answers name no lifetime."""
    return Issuer(
        client=Client(client_id=CONSUMER_KEY, secret="" if public_key else secret),
        users={"integration@example.com": ""},
        public_key=public_key,
        audience="https://login.salesforce.com",
        expires_in=None,
    )


@dataclass
class Salesforce:
    issuer: Issuer = field(default_factory=an_issuer)
    calls_left: int = 1000
    locks: int = 0  # how many times a row is held by somebody else
    is_open: bool = True  # sessions are let in
    organization: str = "00D000000000000"
    leads: list[dict[str, Any]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    def end_sessions(self) -> None:
        self.issuer.access_tokens.clear()

    async def hear(self, request: Request) -> Response:
        if request.path == "/services/oauth2/token":
            request.path = "/token"
            return await self.issuer.hear(request)
        if request.path == "/servlet/servlet.WebToLead":
            return self._form(request)
        self.requests.append(request)
        if request.path != RESOURCE:
            return _errors(404, "NOT_FOUND", "The requested resource does not exist")
        return self._create(request)

    def _create(self, request: Request) -> Response:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.issuer.access_tokens or not self.is_open:
            return _errors(401, "INVALID_SESSION_ID", "Session expired or invalid")
        if self.calls_left <= 0:
            return _errors(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
        self.calls_left -= 1
        if request.media_type != "application/json":
            return _errors(415, "UNSUPPORTED_MEDIA_TYPE", "The Content-Type is not supported")
        lead = json_value(request)
        if not isinstance(lead, dict):
            return _errors(400, "JSON_PARSER_ERROR", "Unexpected character")
        return self._refused(lead) or self._taken(lead)

    def _refused(self, lead: dict[str, Any]) -> Response | None:
        for name, value in lead.items():
            if name not in LENGTHS:
                return _errors(400, "INVALID_FIELD", f"No such column '{name}' on sobject of type Lead")
            if len(str(value)) > LENGTHS[name]:
                words = f"{name}: data value too large: (max length={LENGTHS[name]})"
                return _errors(400, "STRING_TOO_LONG", words, name)
        missing = [name for name in ("LastName", "Company") if not lead.get(name)]
        if missing:
            words = f"Required fields are missing: [{', '.join(missing)}]"
            return _errors(400, "REQUIRED_FIELD_MISSING", words, *missing)
        email = lead.get("Email")
        if email is not None and not is_email(email):
            return _errors(400, "INVALID_EMAIL_ADDRESS", f"Email: invalid email address: {email}", "Email")
        if self.locks:
            self.locks -= 1
            return _errors(400, "UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access to this record")
        return None

    def _taken(self, lead: dict[str, Any]) -> Response:
        for number, known in enumerate(self.leads, 1):
            if lead.get("Email") and known.get("Email") == lead["Email"]:
                return _duplicate(_id(number))
        self.leads.append(lead)
        return as_json(201, {"id": _id(len(self.leads)), "success": True, "errors": []})

    def _form(self, request: Request) -> Response:
        form = dict(parse_qsl(request.body.decode()))
        if form.get("oid") == self.organization and form.get("last_name") and form.get("company"):
            self.leads.append(form)
        return Response(200, b"", "text/html")


def _id(number: int) -> str:
    return f"00Q5e{number:010d}AAA"


def _errors(status: int, code: str, message: str, *fields: str) -> Response:
    return as_json(status, [{"message": message, "errorCode": code, "fields": list(fields)}])


def _duplicate(record: str) -> Response:
    result = {
        "allowSave": False,
        "duplicateRule": "Standard_Lead_Duplicate_Rule",
        "matchResults": [{"entityType": "Lead", "matchRecords": [{"record": {"Id": record}}]}],
    }
    error = {"errorCode": "DUPLICATES_DETECTED", "message": "Use one of these records?", "fields": []}
    return as_json(400, [{**error, "duplicateResult": result}])
