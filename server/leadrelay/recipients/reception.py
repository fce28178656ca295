"""All sample recipients behind one port, each under the path of its name.

`GET /` says what each has taken, accepted and rejected. Nothing listens nine ports further up, and nothing
ever should: that is the recipient that is down.
"""

import ssl
from collections.abc import Callable, Sequence

import trio

from leadrelay.recipients.analytics import Analytics
from leadrelay.recipients.bench import Bench
from leadrelay.recipients.bidder import Meadow, Northstar
from leadrelay.recipients.crm import Crm
from leadrelay.recipients.dialer import Dialer
from leadrelay.recipients.forgetful import Forgetful
from leadrelay.recipients.http_message import Request, Response, as_json
from leadrelay.recipients.http_server import Limits, serve
from leadrelay.recipients.premium import Premium
from leadrelay.recipients.recipient import Recipient
from leadrelay.recipients.slow import Slow
from leadrelay.recipients.standard import Standard

HOST = "127.0.0.1"
PORT = 7480
LIMITS = Limits(body=65_536)  # a lead is small, and the CRM keeps what it takes


def all_recipients() -> list[Recipient]:
    """One of each, knowing nothing yet."""
    everyday: list[Recipient] = [Crm(), Dialer(), Premium(), Standard(), Forgetful(), Analytics(), Slow()]
    return [*everyday, Northstar(), Meadow(), Bench()]


class Reception:
    """Sends each request to the recipient whose name its path begins with."""

    def __init__(self, recipients: Sequence[Recipient]) -> None:
        self._recipients = {recipient.name: recipient for recipient in recipients}

    async def handle(self, request: Request) -> Response:
        name = request.path[1:].partition("/")[0]
        recipient = self._recipients.get(name)
        if recipient is not None:
            return await recipient.handle(request)
        if request.path != "/":
            return as_json(404, {"error": "no such recipient", "recipients": list(self._recipients)})
        if request.method not in ("GET", "HEAD"):
            return as_json(405, {"error": "this path takes another method"}, ("Allow", "GET, HEAD"))
        return as_json(200, {"recipients": [_standing(recipient) for recipient in self._recipients.values()]})


def _standing(recipient: Recipient) -> dict[str, object]:
    return {"name": recipient.name, "path": f"/{recipient.name}", **recipient.tally.as_dict()}


async def serve_all(
    host: str = HOST,
    port: int = PORT,
    *,
    recipients: Sequence[Recipient] | None = None,
    tls: ssl.SSLContext | None = None,
    task_status: trio.TaskStatus[int] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Run the recipients (one of each, unless given) until cancelled. Tells the bound port."""
    reception = Reception(all_recipients() if recipients is None else recipients)
    await serve(reception.handle, host=host, port=port, tls=tls, limits=LIMITS, task_status=task_status)


async def main_async(host: str, port: int, ready: Callable[[str], None]) -> None:
    """Run until cancelled; `ready` hears the base URL once leads are taken. Raises CannotListenError."""
    await serve_all(host, port, task_status=_Announcement(host, ready))


class _Announcement(trio.TaskStatus[int]):
    """Passes the port on as a URL. A nursery would do it too, and wrap CannotListenError in a group."""

    def __init__(self, host: str, ready: Callable[[str], None]) -> None:
        self._host, self._ready = host, ready

    def started(self, value: int | None = None) -> None:
        host = f"[{self._host}]" if ":" in self._host else self._host
        self._ready(f"http://{host}:{value}")
