"""A delivery rehearsed: the adapter and the signers that would carry it, with nothing to send by.

Whatever asks for a connection, a token or a secret here meets a defect of ours and not the recipient
(behaviour 3.6).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from leadrelay.adapters.registry import adapter_over
from leadrelay.auth.build import signer_for
from leadrelay.auth.secrets import open_secrets
from leadrelay.core.catalog import Catalog
from leadrelay.core.destination import Destination
from leadrelay.core.exchange import Reply
from leadrelay.core.lead import Lead
from leadrelay.core.outcome import Bid
from leadrelay.core.ports import Adapter, Wire
from leadrelay.core.preview import NO_EARLIER, Preview, preview

_NO_SECRETS = open_secrets(None, {})


def rehearse(
    catalog: Catalog,
    destination: Destination,
    lead: Lead,
    *,
    now: int,
    reply: Reply | None = None,
    appended: Mapping[str, Any] = NO_EARLIER,
    bid: Bid | None = None,
    adapter: Adapter | None = None,
) -> Preview:
    """What would be sent there for a lead, and what a reply would mean.

    `adapter` is that of `rehearsing`, where one is kept.
    """
    return preview(
        destination,
        lead,
        adapter=adapter or rehearsing(destination),
        signer=signer_for(destination.proofs, _NO_SECRETS, _nothing_is_sent, _At(now)),
        sensitive=catalog.sensitive,
        now=now,
        reply=reply,
        appended=appended,
        bid=bid,
    )


def rehearsing(destination: Destination) -> Adapter:
    """The adapter for rehearsals; it learns once what a WSDL says, so who has many keeps it."""
    return adapter_over(destination, _nothing_is_sent)


@dataclass(frozen=True)
class _At:
    """A clock that stands still at the time of the rehearsal."""

    time: int

    def now(self) -> int:
        return self.time


def _nothing_is_sent() -> Wire:
    raise AssertionError("a rehearsal has no wire to send by")
