"""A CRM in the manner of the large ones: OAuth2 in front of a JSON API, errors as a list with codes.

Token errors are worded as RFC 6749 5.2 has them. A lead under an idempotency key that was seen before gets
the answer it got then, and makes no second record; the same person under another key is a duplicate.
"""

import secrets
from urllib.parse import unquote_plus

import trio

from leadrelay.recipients.bounded import Bounded
from leadrelay.recipients.http_message import Request, Response, as_json
from leadrelay.recipients.recipient import KEYS, Recipient, idempotency_key
from leadrelay.recipients.submission import (
    Fields,
    basic_login,
    form_fields,
    is_same,
    json_fields,
    marks,
    text,
)

CLIENT_ID = "leadrelay-demo"
CLIENT_SECRET = "demo-crm-secret"  # noqa: S105 - a sample's secret, meant to be known
TOKENS = 1_000
RECORDS = 10_000  # whole records, so fewer than keys

_NO_STORE = ("Cache-Control", "no-store")
_BAD_TOKEN = ("WWW-Authenticate", 'Bearer realm="crm", error="invalid_token"')
_BAD_CLIENT = ("WWW-Authenticate", 'Basic realm="crm"')


class Crm(Recipient):
    name = "crm"

    def __init__(self, *, token_lifetime: int = 3600) -> None:
        super().__init__()
        self.doors["POST", "/crm/oauth/token"] = self._grant
        self.doors["POST", "/crm/v1/leads"] = self._create
        self._token_lifetime = token_lifetime
        self._tokens: Bounded[str, float] = Bounded(TOKENS)  # the token, and when it ends
        self._answers: Bounded[str, Response] = Bounded(KEYS)
        self._people: Bounded[str, str] = Bounded(KEYS)  # email or phone, and the record's id
        self._records: Bounded[str, Fields] = Bounded(RECORDS)
        self._made = 0

    async def handle(self, request: Request) -> Response:
        record_id = request.path.removeprefix("/crm/v1/leads/")
        if request.method == "GET" and record_id != request.path:
            return self._show(request, record_id)
        return await super().handle(request)

    async def _grant(self, request: Request) -> Response:
        form = form_fields(request)
        if form is None or "grant_type" not in form:
            return _token_error(400, "invalid_request", "a form with grant_type is needed")
        login = basic_login(request)
        if login is not None and "client_secret" in form:
            return _token_error(400, "invalid_request", "one way of client authentication, not two")
        if not _is_client(login, form):
            return _token_error(401, "invalid_client", "client id or secret is wrong", _BAD_CLIENT)
        if form["grant_type"] != "client_credentials":
            return _token_error(400, "unsupported_grant_type", "only client_credentials is granted here")
        token = secrets.token_urlsafe(24)
        self._tokens.put(token, trio.current_time() + self._token_lifetime)
        grant = {"access_token": token, "token_type": "Bearer", "expires_in": self._token_lifetime}
        return as_json(200, grant, _NO_STORE)

    async def _create(self, request: Request) -> Response:
        if not self._is_let_in(request):
            self.tally.unauthorized += 1
            return _session_error()
        key = idempotency_key(request)
        before = self._answers.get(key)
        if before is not None:
            self.tally.repeated += 1
            return before
        answer = self._judge(request)
        if key:
            self._answers.put(key, answer)
        return answer

    def _judge(self, request: Request) -> Response:
        fields = json_fields(request)
        if fields is None:
            return self._reject("JSON_PARSER_ERROR", "The body is not a JSON object")
        if not text(fields, "LastName"):
            message = "Required fields are missing: [LastName]"
            return self._reject("REQUIRED_FIELD_MISSING", message, "LastName")
        people = marks(text(fields, "Email"), text(fields, "Phone"))
        if any(mark in self._people for mark in people):
            return self._reject("DUPLICATES_DETECTED", "A lead with this email or phone exists already")
        record_id = self._store(fields, people)
        self.accept(request, record_id)
        url = f"http://{request.headers.get('host', '')}/crm/v1/leads/{record_id}"
        return as_json(201, {"id": record_id, "success": True, "errors": [], "url": url}, ("Location", url))

    def _store(self, fields: Fields, people: list[str]) -> str:
        self._made += 1
        record_id = f"00Q5e{self._made:010d}AAA"
        self._records.put(record_id, {"Company": "[not provided]", **fields, "Id": record_id})
        for mark in people:
            self._people.put(mark, record_id)
        return record_id

    def _show(self, request: Request, record_id: str) -> Response:
        if not self._is_let_in(request):
            return _session_error()
        record = self._records.get(record_id)
        if record is None:
            return _errors(404, "NOT_FOUND", "The requested resource does not exist")
        return as_json(200, record)

    def _reject(self, code: str, message: str, *fields: str) -> Response:
        self.tally.reject(code)
        return _errors(400, code, message, *fields)

    def _is_let_in(self, request: Request) -> bool:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        ends_at = self._tokens.get(token.strip())
        return scheme.lower() == "bearer" and ends_at is not None and trio.current_time() < ends_at


def _is_client(login: tuple[str, str] | None, form: dict[str, str]) -> bool:
    if login is None:
        client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    else:  # RFC 6749 2.3.1: in HTTP Basic, id and secret are form-encoded first
        client_id, secret = unquote_plus(login[0]), unquote_plus(login[1])
    return is_same(client_id, CLIENT_ID) and is_same(secret, CLIENT_SECRET)


def _token_error(status: int, error: str, description: str, *headers: tuple[str, str]) -> Response:
    return as_json(status, {"error": error, "error_description": description}, _NO_STORE, *headers)


def _session_error() -> Response:
    session = _errors(401, "INVALID_SESSION_ID", "Session expired or invalid")
    session.headers = (_BAD_TOKEN,)
    return session


def _errors(status: int, code: str, message: str, *fields: str) -> Response:
    return as_json(status, [{"errorCode": code, "message": message, "fields": list(fields)}])
