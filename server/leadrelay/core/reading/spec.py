"""What a catalog says of replies (behaviour 6), as values; `compile_reading` checks and readies them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leadrelay.core.outcome import Kind, ReasonCode


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One test of a reply. Exactly one subject; at most one test, and none asks for "not blank"."""

    # What is looked at.
    status: str = ""  # "200", "200-299", "2xx", or several with commas: subject and test in one
    header: str = ""
    path: str = ""
    text: bool = False  # the whole body

    # What is asked of it. Matching ignores case.
    equals: str | None = None
    is_in: tuple[str, ...] | None = None
    contains_word: str | None = None
    contains: str | None = None
    matches: str | None = None  # RE2
    exists: bool | None = None
    greater: float | None = None
    less: float | None = None

    negate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingRule:
    """An outcome and the tests that must all hold for it; without tests it always applies."""

    outcome: Kind
    match: tuple[Match, ...] = ()
    code: ReasonCode | None = None
    reason: str = ""  # instead of the reading's: a template, a path, or words with a space in them


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRule:
    """A wording, and the code that it comes to."""

    matches: str  # RE2, anywhere in the recipient's words; case does not count
    code: ReasonCode


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingSpec:
    """Rules in order, and where to find what a reply says besides.

    `reason`, `price`, `currency` and `reference` are tried in order; each is a path, a template over
    the reply, `header:` with a name, or `regex:` with an expression whose first group, or whole match, is
    taken.
    """

    rules: tuple[ReadingRule, ...] = ()
    otherwise: Kind | None = None
    reason: tuple[str, ...] = ()
    price: tuple[str, ...] = ()
    currency: tuple[str, ...] = ()
    reference: tuple[str, ...] = ()
    capture: Mapping[str, str] = field(default_factory=dict)  # places, one a line
    content_type: str = ""  # read the body as this instead of as its header says
    codes: tuple[CodeRule, ...] = ()  # before the usual wordings
    namespaces: Mapping[str, str] = field(default_factory=dict)  # the prefixes that count in an XPath
    leadconduit: "LeadConduitSpec | None" = None  # instead of everything but codes, currency and namespaces


class OnMatch(StrEnum):
    """What finding LeadConduit's search term means, in its words."""

    SUCCESS = "success"
    FAILURE = "failure"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadConduitSpec:
    """LeadConduit's settings for responses, under their names. Empty: not set."""

    outcome_search_term: str = ""
    outcome_search_path: str = ""
    outcome_on_match: OnMatch | None = None
    reason_path: str = ""
    default_reason: str = ""
    price_path: str = ""
    fallback_price: str = ""
    reference_path: str = ""
    cookie_search_term: str = ""
    response_content_type_override: str = ""
    capture: Mapping[str, str] = field(default_factory=dict)
