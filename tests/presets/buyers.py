"""Doubles of lead buyers: by JSON, by ping and post, by XML, and on boberdoo, LeadsPedia and Phonexa.

Each knows its key and what it needs, has a cap, and buys a person once, in its own words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from hashlib import sha256
from html import escape
from typing import Any
from urllib.parse import parse_qsl

from lxml import etree

from leadrelay.recipients.http_server import Request, Response, as_json
from leadrelay.recipients.submission import is_email, json_fields

KEY = "k-9f8e7d6c5b4a"
Fields = dict[str, Any]


@dataclass
class Buyer:
    """What all of them have."""

    cap: int = 1000
    bought: list[Fields] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)
    _people: set[str] = field(default_factory=set)

    def judge(self, fields: Fields, needs: tuple[str, ...], *, email: str, zip_code: str = "") -> str:
        """Why it does not buy, or nothing: then it has bought."""
        missing = [name for name in needs if not fields.get(name)]
        if missing:
            return f"{missing[0]} is required"
        if not is_email(fields[email]):
            return f"{email} is not valid"
        if zip_code and not re.fullmatch("[0-9]{5}", fields[zip_code]):
            return f"{zip_code} is not valid"
        if len(self.bought) >= self.cap:
            return "Daily cap reached"
        if fields[email] in self._people:
            return "Duplicate lead"
        self._people.add(fields[email])
        self.bought.append(fields)
        return ""


@dataclass
class JsonBuyer(Buyer):
    """Rejects inside a 200, and is throttled by status."""

    throttled: int = 0
    is_down: bool = False
    PATH = "/api/leads"

    async def hear(self, request: Request) -> Response:
        self.requests.append(request)
        if request.headers.get("x-api-key") != KEY:
            return as_json(401, {"message": "Invalid API key"})
        if self.is_down:
            return Response(503, b"<html>Bad gateway</html>", "text/html")
        if self.throttled:
            self.throttled -= 1
            return as_json(429, {"message": "Too many requests"}, ("Retry-After", "0"))
        fields = json_fields(request)
        if request.path != self.PATH or fields is None:
            return as_json(400, {"message": "no lead"})
        why = self.judge(fields, ("first_name", "last_name", "email", "phone"), email="email")
        if "cap" in why:
            return as_json(200, {"status": "capped", "reason": why})
        if why:
            return as_json(200, {"status": "rejected", "reason": why})
        return as_json(
            200,
            {"status": "accepted", "lead_id": f"L-{len(self.bought)}", "price": "12.50", "currency": "USD"},
        )


@dataclass
class PingPostBuyer(Buyer):
    """Bids on what a lead is; a ping that tells who it is, or a post without a bid, is refused."""

    bid: str = "42.00"
    bids: dict[str, str] = field(default_factory=dict)  # by ping
    known: set[str] = field(default_factory=set)  # hashes of e-mail addresses
    PERSONAL = frozenset({"first_name", "last_name", "email", "phone", "address"})

    async def hear(self, request: Request) -> Response:
        self.requests.append(request)
        fields = json_fields(request)
        if request.headers.get("x-api-key") != KEY or fields is None:
            return as_json(401, {"reason": "Invalid API key"})
        return self._ping(fields) if request.path == "/api/ping" else self._post(fields)

    def _ping(self, fields: Fields) -> Response:
        if self.PERSONAL & set(fields):
            return as_json(400, {"status": "rejected", "reason": "a ping must not identify"})
        if fields.get("state") not in ("OH", "CA"):
            return as_json(200, {"status": "rejected", "reason": "Out of area"})
        if fields.get("email_hash") in self.known:
            return as_json(200, {"status": "rejected", "reason": "Duplicate"})
        ping = f"P-{len(self.bids) + 1}"
        self.bids[ping] = self.bid
        return as_json(200, {"status": "accepted", "bid": self.bid, "ping_id": ping})

    def _post(self, fields: Fields) -> Response:
        bid = self.bids.pop(fields.get("ping_id", ""), None)
        if bid is None or Decimal(str(fields.get("price"))) != Decimal(bid):
            return as_json(200, {"status": "rejected", "reason": "No such bid"})
        why = self.judge(fields, ("first_name", "last_name", "email", "phone", "zip"), email="email")
        if why:
            return as_json(200, {"status": "rejected", "reason": why})
        self.known.add(sha256(fields["email"].encode()).hexdigest())
        return as_json(200, {"status": "accepted", "lead_id": f"L-{len(self.bought)}", "price": bid})


@dataclass
class XmlBuyer(Buyer):
    """Takes one document and answers with one."""

    async def hear(self, request: Request) -> Response:
        self.requests.append(request)
        if request.headers.get("x-partner-key") != KEY:
            return Response(
                403, b"<response><result>error</result><msg>Forbidden</msg></response>", "text/xml"
            )
        root: Any = etree.fromstring(request.body)
        fields = {each.tag: each.text for each in root.iter("*") if each.text}
        if root.tag != "lead" or root.find("customer/phone[@type='home']") is None:
            return _xml(result="error", msg="Malformed document")
        why = self.judge(fields, ("firstname", "lastname", "email", "phone"), email="email")
        if why:
            return _xml(result="failed", msg=why)
        return _xml(result="success", msg="Lead Accepted", leadid=f"L-{len(self.bought)}", price="15.00")


@dataclass
class Boberdoo(Buyer):
    """As https://www.boberdoo.com/lead-posting-responses has it: Matched, Unmatched or Error."""

    is_hungry: bool = True  # it has a partner for the lead

    async def hear(self, request: Request) -> Response:
        self.requests.append(request)
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        if request.path != "/new_api/api.php" or form.get("API_Action") != "submitLead":
            return _xml(status="Error", error="Invalid API_Action")
        if form.get("Key") != KEY:
            return _xml(status="Error", error="Invalid Key")
        needs = (
            "TYPE",
            "SRC",
            "Landing_Page",
            "First_Name",
            "Last_Name",
            "Email",
            "Primary_Phone",
            "State",
            "Zip",
        )
        why = self.judge(form, needs, email="Email", zip_code="Zip")
        if why:
            return _xml(status="Error", error=why)
        number = str(21_777_960 + len(self.bought))
        if not self.is_hungry:
            return _xml(status="Unmatched", lead_id=number)
        return _xml(status="Matched", lead_id=number, price="6.66")


@dataclass
class LeadsPedia(Buyer):
    """Answers XML unless it is asked for JSON, and says why in `errors`."""

    matches: bool = True

    async def hear(self, request: Request) -> Response:
        self.requests.append(request)
        form = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        why = self._why(form)
        rejected = {"result": "failed", "lead_id": "YZDRPBC7", "price": "0.00", "msg": "Lead Rejected"}
        sold = {"result": "success", "lead_id": "0UTNS5ND", "price": "15.00", "msg": "Lead Accepted"}
        if form.get("lp_response", "").upper() != "JSON":
            return _xml(**(rejected | {"error": why} if why else sold))
        return as_json(200, rejected | {"errors": [{"error": why}]} if why else sold)

    def _why(self, form: dict[str, str]) -> str:
        if form.get("lp_campaign_id") != "5e30378c0b5a5" or form.get("lp_campaign_key") != KEY:
            return "Invalid Campaign Id or Campaign Key"
        if not self.matches:
            return "No Match"
        needs = ("first_name", "last_name", "phone_home", "email_address", "zip_code")
        return self.judge(form, needs, email="email_address", zip_code="zip_code")


@dataclass
class Phonexa(Buyer):
    """Answers 200 with a `status`: 1 sold, 2 reject, 3 in progress, 4 an error."""

    pays: float = 20.0
    is_slow: bool = False
    matches: Callable[[Fields], bool] = lambda _: True

    async def hear(self, request: Request) -> Response:
        self.requests.append(request)
        fields = json_fields(request)
        if fields is None or fields.get("apiId") != "22F1203AE92F454DA301F8F408C53CEC":
            return as_json(200, {"status": 4, "errors": [{"Authorization Failed": ""}]})
        if fields.get("apiPassword") != KEY:
            return as_json(200, {"status": 4, "errors": [{"Authorization Failed": ""}]})
        missing = [
            name for name in ("firstName", "lastName", "email", "phoneNumber", "zip") if not fields.get(name)
        ]
        if missing:
            return as_json(200, {"status": 4, "errors": [dict.fromkeys(missing, "required")]})
        if self.is_slow:
            return as_json(200, {"status": 3, "status_text": "In Progress", "lead_id": "24"})
        reject = {"lead_id": "23", "status": 2, "status_text": "reject", "timestamp": 1464871644}
        if float(fields["price"]) > self.pays:
            return as_json(200, reject | {"price_reject": self.pays})
        if self.judge(fields, (), email="email"):
            return as_json(200, reject)
        price = f"{self.pays:.4f}"
        return as_json(200, {"lead_id": "W_0000", "status": 1, "status_text": "sold", "price": price})


def _xml(**elements: str) -> Response:
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in elements.items())
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<response>{inner}</response>'
    return Response(200, body.encode(), "text/xml")
