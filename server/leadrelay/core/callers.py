"""Who may call this server, for which verbs and which flows (behaviour 9)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

# What each verb lets a caller do, as methods of the services in `protos/`. A method that stands under no verb
# is for those who may do everything.
VERBS: Final[Mapping[str, tuple[str, ...]]] = {
    "deliver": ("DeliveryService/Deliver", "DeliveryService/DeliverMany"),
    "watch": ("DeliveryService/Watch", "DeliveryService/GetDelivery", "DeliveryService/ListDeliveries"),
    "steer": ("DeliveryService/Cancel", "DeliveryService/Resolve", "DeliveryService/Redeliver"),
    "read-catalog": ("CatalogService/Get", "CatalogService/List", "CatalogService/Preview"),
    "apply": ("CatalogService/Apply", "CatalogService/Delete"),
    "secrets": tuple(f"SecretService/{name}" for name in ("Put", "List", "Delete", "Rotate")),
    "analytics": ("AnalyticsService/Summarize", "AnalyticsService/Tail"),
}
# What is asked of one lead or one flow at a time, so that a caller for some flows may have it: who answers
# looks at the flow. Everything else is about all flows.
VERBS_OF_FLOWS: Final = ("deliver", "watch", "steer")
_OF_ONE_FLOW: Final = frozenset(method for verb in VERBS_OF_FLOWS for method in VERBS[verb])


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One that is known, with its scope."""

    name: str
    verbs: frozenset[str] = frozenset()  # none: all
    flows: tuple[str, ...] = ()  # names, or beginnings of names before a `*`; none: all

    def why_not(self, method: str) -> str:
        """Why it may not call `Service/Method`; empty where it may."""
        if self.verbs and not any(method in VERBS[verb] for verb in self.verbs):
            takes = next((f"`{verb}`" for verb in VERBS if method in VERBS[verb]), "all verbs")
            return f"{self.name} may {' and '.join(sorted(self.verbs))} only; this takes {takes}"
        if self.flows and method not in _OF_ONE_FLOW:
            return f"{self.name} is let in for some flows only, and this is about all of them"
        return ""

    def may_use(self, flow: str) -> bool:
        """Whether leads of a flow are its business."""
        return not self.flows or any(_is_meant(flow, pattern) for pattern in self.flows)


def _is_meant(flow: str, pattern: str) -> bool:
    return flow.startswith(pattern[:-1]) if pattern.endswith("*") else flow == pattern
