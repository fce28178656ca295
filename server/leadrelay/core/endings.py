"""How a step of a flow that is over went, and several of them as one."""

from collections.abc import Iterable
from dataclasses import dataclass

from leadrelay.core.outcome import Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """How a step that is over went."""

    seen: tuple[str, ...] = ()  # its deliveries that have an answer
    sold: tuple[str, ...] = ()  # those of them that accepted; a ping never does
    accepted: bool = False
    rests: bool = False  # a recipient may have the lead: nothing further down may be tried
    deciding: tuple[str, ...] = ()  # its deliveries whose outcomes say why nobody accepted
    remarks: tuple[str, ...] = ()  # other reasons why nobody did
    stopped: Outcome | None = None  # by a filter: the flow goes no further


def joined(ends: Iterable[End]) -> End:
    """Several steps as one: it accepted if any did, and rests if any does."""
    ends = list(ends)
    return End(
        seen=tuple(name for end in ends for name in end.seen),
        sold=tuple(name for end in ends for name in end.sold),
        accepted=any(end.accepted for end in ends),
        rests=any(end.rests for end in ends),
        deciding=tuple(name for end in ends for name in end.deciding),
        remarks=tuple(words for end in ends for words in end.remarks),
        stopped=next((end.stopped for end in ends if end.stopped is not None), None),
    )
