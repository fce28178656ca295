"""Doubles of what takes a lead and runs something: an Apps Script web app, a Zap, a scenario of Make."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from leadrelay.recipients.http_server import Request, Response, as_json
from leadrelay.recipients.submission import json_fields

KEY = "sheet-key-0123456789"
ECHO = "https://script.googleusercontent.com/macros/echo?user_content_key=AehSKLjV&lib=M1YLor6O"


@dataclass
class AppsScript:
    """The script of the preset's comment. Whoever followed its redirect would be told of by `followed`."""

    is_public: bool = True
    is_busy: bool = False
    rows: list[list[Any]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)

    async def hear(self, request: Request) -> Response:
        self.requests.append(request)
        if not self.is_public:
            login = "https://accounts.google.com/ServiceLogin?continue=https://script.google.com/"
            return _moved(login)
        if self.is_busy:
            return _page(429, "Service invoked too many times")
        if parse_qs(request.query).get("key") != [KEY]:
            return _page(200, "wrong key (line 2, file Code)")
        lead = json_fields(request)
        if lead is None:
            return _page(200, "SyntaxError: Unexpected token (line 3, file Code)")
        self.rows.append([lead.get(name) for name in ("id", "first_name", "last_name", "email", "phone")])
        return _moved(ECHO)


@dataclass
class Hooks:
    """Zapier's and Make's front doors."""

    busy: int = 0
    is_full: bool = False
    has_scenario: bool = True
    leads: list[Any] = field(default_factory=list)

    async def hear(self, request: Request) -> Response:
        if self.busy:
            self.busy -= 1
            return as_json(429, {"message": "Too many requests"})
        if request.path.startswith("/hooks/catch/"):
            self.leads.append(json_fields(request))
            return as_json(
                200, {"attempt": "019a", "id": "019a", "request_id": "019a-1", "status": "success"}
            )
        if not self.has_scenario:
            return Response(410, b"There is no scenario listening for this webhook.", "text/plain")
        if self.is_full:
            return Response(400, b"Queue is full.", "text/plain")
        self.leads.append(json_fields(request))
        return Response(200, b"Accepted", "text/plain")


def _moved(to: str) -> Response:
    page = f'<HTML><HEAD><TITLE>Moved Temporarily</TITLE></HEAD><BODY><A HREF="{to}">here</A></BODY></HTML>'
    return Response(302, page.encode(), "text/html; charset=UTF-8", (("Location", to),))


def _page(status: int, words: str) -> Response:
    page = f"<!DOCTYPE html><html><head><title>Error</title></head><body>{words}</body></html>"
    return Response(status, page.encode(), "text/html; charset=utf-8")
