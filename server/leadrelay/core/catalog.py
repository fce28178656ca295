"""Everything a lead may meet, compiled and checked, under one version (behaviour 2).

A catalog never changes: applying another makes another, and a lead keeps the one it was accepted under.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from leadrelay.core.destination import Destination
from leadrelay.core.fields import SENSITIVE, WELL_KNOWN, Field
from leadrelay.core.flow import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalog:
    """Destinations, flows and fields by name; every name that one part uses, another one has."""

    version: int  # from 1, given when it is applied; 0: not applied
    destinations: Mapping[str, Destination] = field(default_factory=dict)
    flows: Mapping[str, Flow] = field(default_factory=dict)
    fields: Mapping[str, Field] = field(default_factory=lambda: WELL_KNOWN)
    sensitive: frozenset[str] = SENSITIVE  # the names of fields whose values are masked
