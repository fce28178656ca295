"""Common wordings of recipients, and the reason codes that they come to (behaviour 6).

Tried in order, the specific before the general: "invalid api key" is about who asks and not about
the lead. What no pattern knows is `other`; a reading's rule can always name the code itself.
"""

import re

from leadrelay.core.outcome import ReasonCode

_PLACE = (
    r"\b(?:state|zip(?: ?code)?|postal ?code|area|region|county|city|territory|location|market|geo\w*)s?\b"
)
_NOT = r"(?:not|isn'?t|aren'?t|un)[ -]?(?:currently |being )?"
_SERVED = r"(?:served|serviced|covered|supported|accepted|allowed|licensed|available|targeted|in our|within)"
_NOT_SERVED = rf"(?:{_NOT}{_SERVED}|excluded|restricted|outside|out of|blocked|filtered)"
_DO_NOT = r"(?:do|does|did)(?: not|n'?t)"
_KEY = r"(?:key|token|credentials?|password|login|signature|user ?name|campaign|vendor|partner)"
_WRONG = r"(?:invalid|missing|wrong|unknown|incorrect|expired|bad|no)"
_FIGURE = r"\b(?:credit|fico|income|age|loan|debt|equity|employment)\b"
_TOO = r"(?:too (?:low|high|small|large|young|old)|below|under|above|insufficient|not met|poor|minimum)"
_PRICE = r"\b(?:price|bid|payout|cost)s?\b"

_WORDINGS: tuple[tuple[ReasonCode, tuple[str, ...]], ...] = (
    (
        ReasonCode.DUPLICATE,
        (
            r"duplicat",
            r"\bdup(?:e|es|ed)?\b",
            r"already (?:exist|submitted|received|sold|have|in |on |registered|purchased|been )",
            r"previously (?:submitted|received|sold|purchased)",
        ),
    ),
    (
        ReasonCode.CONSENT,
        (
            r"consent",
            r"tcpa",
            r"trusted ?form",
            r"jornaya",
            r"opt(?:ed)?[ -]?out",
            r"do[ -]not[ -](?:call|contact)",
            r"\bdnc\b",
            r"litigat",
            r"suppress",
            r"unsubscribed",
        ),
    ),
    (
        ReasonCode.UNAUTHORIZED,
        (
            r"un-?authori[sz]ed",
            r"not authori[sz]ed",
            r"authenticat",
            r"forbidden",
            r"access denied",
            r"bad credentials",
            rf"{_WRONG} (?:api[ _-]?|access |auth\w* )?{_KEY}\b",
        ),
    ),
    (
        ReasonCode.OUT_OF_AREA,
        (
            rf"{_PLACE}.*{_NOT_SERVED}",
            rf"{_NOT_SERVED}.*{_PLACE}",
            r"no coverage",
            r"not licensed",
            r"out[ -]of[ -](?:area|coverage|service|territory|state|market|footprint)",
            r"outside (?:of )?(?:our |the |your )?(?:service|coverage|footprint|territory)",
            rf"{_DO_NOT} (?:serve|cover|service)",
        ),
    ),
    (
        ReasonCode.CAP_EXCEEDED,
        (
            r"\bcap(?:s|ped)?\b",
            r"\bquota",
            r"rate[ -]?limit",
            r"too many (?:requests|leads)",
            r"throttl",
            r"(?:at|over) capacity",
            r"budget",
            r"limits?(?: has| have)?(?: been)? (?:reached|exceeded|met|hit)",
            r"(?:daily|hourly|weekly|monthly) limit",
            r"(?:reached|exceeded|over|hit)(?: the| your| our)?(?: \w+){0,2} limit",
            r"\bmax(?:imum)? (?:number of )?leads",
        ),
    ),
    (
        ReasonCode.HOURS,
        (
            r"\bhours\b",
            r"\bclosed\b",
            r"not open",
            r"holiday",
            r"weekend",
            r"outside (?:of )?(?:the )?schedule",
        ),
    ),
    (
        ReasonCode.NOT_ELIGIBLE,
        (
            r"not (?:eligible|qualif)",
            r"ineligible",
            r"(?:un|dis)qualif",
            rf"{_DO_NOT} (?:qualify|meet)",
            r"under ?age",
            r"too (?:young|old)",
            rf"{_FIGURE}[^.;]*{_TOO}",
            r"(?:low|insufficient|minimum|poor|bad) (?:\w+ )?(?:credit|income|fico|age)\b",
            r"no (?:matching |matched |eligible )?(?:buyer|lender|match|offer|program|partner)s?\b",
        ),
    ),
    (
        ReasonCode.PRICE,
        (
            rf"{_PRICE}.*(?:low|high|below|above|minimum|maximum|exceed|not met|reject)",
            rf"(?:low|below|above|minimum|maximum|no) (?:\w+ )?{_PRICE}",
        ),
    ),
    (
        ReasonCode.INVALID_DATA,
        (
            r"invalid",
            r"not valid",
            r"missing",
            r"required",
            r"malformed",
            r"incorrect",
            r"validation",
            r"must (?:be|have|contain)",
            r"disconnected",
            r"(?:cannot|can'?t|can not|may not|must not) be (?:blank|empty|null)",
            r"is (?:blank|empty)",
            r"bad (?:phone|email|zip|data|request)",
            r"wrong (?:format|number)",
            r"unparsable",
            r"could not (?:be )?pars",
        ),
    ),
    (
        ReasonCode.UNAVAILABLE,
        (
            r"unavailable",
            r"\bbusy\b",
            r"maintenance",
            r"try (?:again|later)",
            r"temporar",
            r"overload",
            r"offline",
            r"timed? ?-?out",
            r"(?:internal|server) error",
            r"(?:campaign|buyer|account|service).*(?:paused|inactive|disabled|down)",
            r"paused",
            r"not accepting",
        ),
    ),
    (ReasonCode.PRICE, (r"\bprice\b", r"\bbid\b")),
)
_PATTERNS = tuple((code, re.compile("|".join(wordings))) for code, wordings in _WORDINGS)


def code_of(words: str) -> ReasonCode | None:
    """The reason that a recipient's words give; None for words that nobody taught us."""
    plain = words.lower().replace("_", " ")
    return next((code for code, pattern in _PATTERNS if pattern.search(plain)), None)
