"""Sending a lead again as a new one: what it holds then, and whether it may be sent at all (behaviour 8)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from leadrelay.core.lead import Lead
from leadrelay.core.standing import Standing


def edited(lead: Lead, edits: Mapping[str, str]) -> Lead:
    """The lead with these fields in place of its own, whatever they were; an empty text removes one."""
    fields = {name: value for name, value in lead.fields.items() if name not in edits}
    fields |= {name: value for name, value in edits.items() if value}
    nested = {name: value for name, value in lead.nested.items() if name not in edits}
    return replace(lead, fields=fields, nested=nested)


def objection(family: Iterable[Standing], *, sold_too: bool) -> str:
    """Why a lead is not sent again; empty where it may be.

    `family` is the lead with all that it repeats and that repeat it: a buyer does not care under which of
    our ids it got the person.
    """
    for each in family:
        if each.settled is None:
            return f"lead {each.lead.id} is still under way; wait for it, or cancel it"
        if sold_too:
            continue
        if each.settled.accepted:
            return f"lead {each.lead.id} was sold ({each.settled.reason}), and would be sold twice"
        if doubtful := [name for name, tried in each.deliveries.items() if tried.is_unresolved]:
            return f"{', '.join(doubtful)} may have lead {each.lead.id}; resolve that first"
    return ""
