"""Who is let in (behaviour 9): a bridge interceptor that asks every caller who it is and what it may do.

Health is open to all, because those who ask for it have no key. A caller's flows are looked at by whoever
answers (`permit`), since only the request, or the lead, says which flow it is.

Who was let in is not let in for ever: a stream may stay open for days. When the callers' file changes, or a
day ends, all who have a call open are asked again, and the calls of those to whom another answer is due now
end. Leads that they brought are ours and go on.
"""

from collections.abc import Iterable
from typing import Final

import trio

from leadrelay.auth.api_keys import LOOK_AGAIN, ApiKeys
from leadrelay.core.callers import Caller
from leadrelay.edges.grpc import errors, health, reflection
from leadrelay.edges.grpc.bridge import Abort, Call, Proceed

HEADER: Final = "authorization"
SCHEME: Final = "bearer "
ALSO: Final = "x-api-key"
HEALTH: Final = (f"/{health.SERVICE}/",)
REFLECTION: Final = tuple(f"/{name}/" for name in reflection.SERVICES)  # for everybody who is known


class Admission:
    """Asks for a key, or for a certificate that the file knows."""

    def __init__(self, keys: ApiKeys, *, open_reflection: bool = False) -> None:
        self._keys = keys
        self._open = (*HEALTH, *REFLECTION) if open_reflection else HEALTH
        self._inside: set[Call] = set()

    async def __call__(self, call: Call, proceed: Proceed) -> None:
        """See bridge.Interceptor."""
        if call.method.startswith(self._open):
            await proceed()
            return
        caller = self._caller(call)
        why_not = caller.why_not(call.method.rpartition(".")[2])
        if why_not and not call.method.startswith(REFLECTION):
            raise errors.out_of_scope(why_not)
        call.caller = caller
        self._inside.add(call)
        try:
            await proceed()
        finally:
            self._inside.remove(call)

    async def run(self) -> None:
        """Turn out those whose calls are open and who may not make them any more, or not in the same way."""
        edition = self._keys.edition()
        while True:
            await trio.sleep(LOOK_AGAIN)
            if edition != (edition := self._keys.edition()):
                for call in tuple(self._inside):
                    self._ask_again(call)

    def _ask_again(self, call: Call) -> None:
        try:
            caller = self._caller(call)
        except Abort:
            call.turn_out(errors.let_in_no_longer())
        else:
            if caller != call.caller:  # it may call again, and then hears what is in force now
                call.turn_out(errors.scope_changed(caller.name))

    def _caller(self, call: Call) -> Caller:
        key = _key(call)
        if key:
            if caller := self._keys.of_key(key):
                return caller
            raise errors.unauthenticated("the API key is not known here, or counts no longer")
        if caller := self._keys.of_certificate(_names(call)):
            return caller
        raise errors.unauthenticated(
            "this server asks who calls: send an API key as the metadata `authorization: Bearer KEY`"
        )


def permit(call: Call, flow: str) -> None:
    """Abort with PERMISSION_DENIED where a flow is none of the caller's business."""
    if isinstance(call.caller, Caller) and not call.caller.may_use(flow):
        if not flow:
            raise errors.out_of_scope(f"{call.caller.name} is let in for some flows only; name one of them")
        raise errors.out_of_scope(f"{call.caller.name} is not let in for the flow {flow[:128]!r}")


def seen_by(call: Call | None, flows: Iterable[str]) -> list[str]:
    """Those whose names a caller may be told: what others have here is none of its business."""
    caller = None if call is None else call.caller
    return [flow for flow in flows if not isinstance(caller, Caller) or caller.may_use(flow)]


def is_bounded(call: Call) -> bool:
    """Whether `permit` could refuse anything."""
    return isinstance(call.caller, Caller) and bool(call.caller.flows)


def _key(call: Call) -> str:
    said = call.get(HEADER)
    if isinstance(said, str) and said[: len(SCHEME)].lower() == SCHEME:
        return said[len(SCHEME) :].strip()
    said = call.get(ALSO)
    return said.strip() if isinstance(said, str) else ""


def _names(call: Call) -> list[str]:
    """The names in a certificate that was shown and proved."""
    proved = call.auth_context()
    if not proved.get("transport_security_type") or "x509_pem_cert" not in proved:
        return []
    names = [*proved.get("x509_subject_alternative_name", ()), *proved.get("x509_common_name", ())]
    return [name.decode(errors="replace") for name in names]
