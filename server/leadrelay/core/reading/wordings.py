"""Common wordings of recipients, and the reason codes that they come to (behaviour 6).

Tried in order, the specific before the general: "invalid api key" is about who asks and not about the
lead, "missing consent" about consent and not about a field. What says the opposite of what its words are
about ("no duplicates found", "cap not reached", "consent verified") is taken out before anything is
looked for. What no pattern knows has no code; a catalog's `codes`, or a rule of a reading, can name it.
"""

import re
from functools import lru_cache

from leadrelay.core.outcome import ReasonCode

REMEMBERED = 4096  # wordings; recipients repeat themselves

_PLACE = (
    r"\b(?:states?|zip(?: ?codes?)?|postal ?codes?|post ?codes?|areas?|regions?|count(?:y|ies|ry|ries)|"
    r"cit(?:y|ies)|territor(?:y|ies)|locations?|markets?|geo\w*|dma)\b"
)
_NOT = r"(?:not|isn't|aren't|isnt|un)(?: currently| being| an?| in(?: the)?| on(?: the)?)* ?"
_SERVED = (
    r"(?:serv(?:ed|iced|iceable|ice area)|cover(?:ed|age)|support(?:ed)?|accept(?:ed|able|ing)?|"
    r"allow(?:ed)?|licensed|"
    r"available|target(?:ed|s|ing)?|in our|within|list(?:ed)?|permitted|eligible|needed|wanted)"
)
_NOT_SERVED = rf"(?:{_NOT}{_SERVED}|excluded|restricted|outside|out of|blocked|filtered|prohibited)"
_DO_NOT = r"(?:do|does|did)(?: not|n't|nt)"
_KEY = (
    r"(?:key|token|credentials?|password|login|signature|user ?names?|user|campaign|vendor|partner|publisher|"
    r"affiliate|source|account|client|session|auth\w*|subscription|sub ?id|tier|contract)"
)
_WRONG = r"(?:invalid|missing|wrong|unknown|incorrect|expired|bad|no such|inactive)"
_FIGURE = (
    r"\b(?:credit|fico|score|income|age|loan|debt|dti|ltv|equity|employment|mortgage|down payment|bill|"
    r"tax|balance owed|property value|home value|rating|mileage|year|vehicle)\b"
)
_TOO = (
    r"(?:too (?:low|high|small|large|young|old|new|little|much)|below|under|above|insufficient|"
    r"not met|poor|minimum|maximum|exceeds|out of range|not enough|outside)"
)
_PRICE = r"\b(?:price|bid|payout|cost|cpl|rpl|reserve|offer)s?\b"
_PERSON = (
    r"(?:home ?owner|owner|citizen|resident|veteran|smoker|student|business|attorney|lawyer|married|employed)"
)
_DATUM = (
    r"(?:phone|number|email|e mail|zip(?: ?code)?|postal ?code|address|name|ssn|dob|birth|date|ip|state|url|"
    r"data|request|json|xml|format|fields?|parameters?|values?|input|lead|payload|syntax)"
)

_WORDINGS: tuple[tuple[ReasonCode, tuple[str, ...]], ...] = (
    (
        ReasonCode.NOT_ELIGIBLE,
        (
            rf"already (?:has|have|had|got|with|represented|insured)\b(?: an?| by an?)?.*"
            rf"{_PERSON.replace('owner', 'agent')}",
            r"already (?:represented|insured|a customer|customer|a client|a member|enrolled)",
            r"(?:current|existing) (?:customer|client|member)",
        ),
    ),
    (
        ReasonCode.DUPLICATE,
        (
            r"duplicat",
            r"\bdup(?:e|es|ed|s)?\b",
            r"already (?:exist|submitted|received|sold|have|has|in\b|on\b|registered|purchased|been |"
            r"delivered|"
            r"posted|taken|processed|known|used|bought|subscribed|imported|created|present)",
            r"(?:previously|recently) (?:submitted|received|sold|purchased|seen|posted|delivered|contacted)",
            r"(?:lead|record|contact|phone|email|number|customer|consumer)\b.*\b(?:exists|in (?:our|the) "
            r"(?:system|database|db|crm)|on file)",
            r"\bnot unique\b|\bnon unique\b|\bunique constraint",
            r"\bresubmi\w+ within|seen (?:in|within) the (?:last|past)",
        ),
    ),
    (
        ReasonCode.CONSENT,
        (
            r"consent",
            r"\btcpa\b",
            r"trusted ?form",
            r"jornaya",
            r"lead ?id token|universal ?lead ?id|\bcert(?:ificate)?(?: url)? (?:expired|not found|missing|"
            r"invalid)",
            r"opt(?:ed)? ?out",
            r"opt ?in\b",
            r"(?:do|did) ?not ?(?:call|contact|solicit|text)",
            r"\bdnc\b",
            r"litigat|litigious|serial plaintiff|\bplaintiff",
            r"suppress",
            r"unsubscribed|revoked",
            r"(?:phone|number|email|lead|consumer|caller).*(?:black ?listed|scrubbed)|black ?list alliance",
            r"scrub (?:list|hit|failed)",
        ),
    ),
    (
        ReasonCode.UNAUTHORIZED,
        (
            r"un ?authori[sz]ed",
            r"not authori[sz]ed",
            r"authenticat|authori[sz]ation (?:failed|required|error)",
            r"forbidden",
            r"(?:access|permission) (?:is )?denied|permissions?\b.*(?:insufficient|missing|required)",
            r"insufficient (?:access|permission|privilege|rights|scope)|missing scope|no permission",
            r"bad credentials",
            r"\bip\b.*(?:not (?:white ?listed|allowed|authori[sz]ed|permitted)|black ?listed|blocked|"
            r"restricted)",
            rf"{_WRONG} (?:or (?:missing|expired|invalid|inactive) )?(?:api |access |auth\w* |security |"
            rf"campaign |post(?:ing)? |vendor |partner |affiliate |publisher |account |client |user |"
            rf"source )?{_KEY}"
            rf"(?: ?(?:id|key|code|name|token))?\b",
            rf"\b{_KEY}(?: (?:id|key|code|name|token))?\b.*\b(?:is|was|are|not|has)?\b ?"
            rf"(?:expired|not (?:found|recogni[sz]ed|valid|exist)|does(?: not|n't) exist|revoked|incorrect)",
            r"(?:api key|token|session|password|signature) (?:is |was )?(?:invalid|missing|required|wrong)",
            r"api (?:is )?(?:disabled|not enabled)",
        ),
    ),
    (
        ReasonCode.HOURS,
        (
            r"(?:outside|outside of|after|off|out of|not (?:in|within|during)|beyond|before) "
            r"(?:the |our |your |normal |regular )*(?:business |office |operating |operation |working |open |"
            r"calling |call |posting |delivery |accepted |service )*hours",
            r"hours of operation|(?:business|office|operating|working) hours",
            r"after hours|out of hours",
            r"^closed\b|(?:office|cent(?:er|re)|store|branch|we|we're|we are|currently|now|campaign|desk|"
            r"buyer) "
            r"(?:is |are )?(?:currently |now )?closed|closed (?:for|on|at|today|now)",
            r"not open\b",
            r"holiday",
            r"weekend",
            r"outside (?:of )?(?:the |our )?(?:schedule|time ?window|delivery window|day ?part)|day ?part",
            r"not (?:scheduled|accepting \w+ at this (?:hour|time of day))|schedule (?:is )?closed",
        ),
    ),
    (
        ReasonCode.CAP_EXCEEDED,
        (
            r"\bcap(?:s|ped|ping)?\b",
            r"\bquotas?\b",
            r"rate ?limit",
            r"too many (?:requests|leads|calls|attempts|submissions|posts|pings)",
            r"throttl",
            r"(?:at|over|reached|full) capacity|capacity (?:is )?(?:reached|full|exceeded)",
            r"budget",
            r"(?:insufficient|not enough|out of|no|low|exceeded) (?:account )?(?:funds|balance|credits|"
            r"prepay)\b",
            r"\b(?:funds|balance|credits) (?:is |are )?(?:too )?(?:insufficient|low|exhausted|"
            r"depleted)",
            r"limits?(?: has| have| was| is)?(?: been)? (?:reached|exceeded|met|hit|full)",
            r"(?:daily|hourly|weekly|monthly|secondly|concurrency|volume|lead|request|call) limit",
            r"(?:reached|exceed(?:s|ed|ing)?|over|hit)(?: the| your| our| its| my)?(?: \w+){0,3} limits?",
            r"\bmax(?:imum)? (?:number of |daily |hourly |weekly |monthly |concurrent )*(?:leads|calls|"
            r"requests|sales)",
            r"(?:no|not) (?:more |accepting more |taking more )leads|leads (?:are )?full\b",
            r"(?:order|allocation|bucket|queue) (?:is |has been )?(?:full|filled|fulfilled|complete)",
        ),
    ),
    (
        ReasonCode.OUT_OF_AREA,
        (
            rf"{_PLACE}.*{_NOT_SERVED}",
            rf"{_NOT_SERVED}.*{_PLACE}",
            rf"(?:filter\w*|reject\w*|fail\w*|mismatch\w*|criteria)\W+(?:by |on |for )?{_PLACE}$",
            rf"{_PLACE} (?:filter|reject\w*|not (?:match\w*|found in))",
            r"no coverage|not covered|coverage not|no service (?:in|for|at)",
            r"not licensed|no licen[sc]e|licen[sc]ed? (?:in|for) (?:this|that|the|your) state",
            r"out of (?:area|coverage|service|territory|state|market|footprint|geo\w*|bounds|zone|region)",
            r"outside (?:of )?(?:our |the |your |this )?(?:service|coverage|footprint|territory|delivery|"
            r"target)",
            rf"{_DO_NOT} (?:serve|cover|service|operate|do business|buy (?:leads )?in|accept (?:leads "
            r")?from)",
            rf"no (?:buyers?|agents?|contractors?|dealers?|providers?|stores?) (?:\w+ )?(?:in|for|near|"
            r"at)\b.*"
            rf"(?:{_PLACE}|\bzip)",
        ),
    ),
    (
        ReasonCode.UNAVAILABLE,
        (r"(?:no agents?|all agents?|nobody) (?:\w+ )?(?:available|busy|online|logged)",),
    ),
    (
        ReasonCode.NOT_ELIGIBLE,
        (
            r"not (?:eligible|qualif|a (?:good )?(?:fit|match)|interested)",
            r"ineligible",
            r"(?:un|dis) ?qualif",
            r"pre ?qualif\w* fail|failed (?:pre ?)?(?:qualif|eligib|underwriting|criteria)\w*",
            rf"{_DO_NOT} (?:qualify|meet|match|fit|satisfy)",
            r"under ?age|\bunder (?:18|21)\b|\bminor\b",
            r"too (?:young|old)|(?:lead|stale|aged).*(?:too old|stale|aged|expired)|stale lead|aged lead",
            r"must be (?:at least |over |older than )?(?:1[68]|2[015])\b|must be (?:over|at least) \d+ years",
            rf"(?:must be|not|isn't|requires?) (?:an? )?(?:us |u\.s\. |current |active )?{_PERSON}\b|"
            rf"\brenters?\b|\b{_PERSON}s? (?:is |are )?(?:only|required)\b",
            rf"{_FIGURE}[^.;]*{_TOO}",
            r"(?:low|insufficient|minimum|poor|bad|no) (?:\w+ )?(?:credit|income|fico|age|score|equity)\b",
            r"no (?:\w+ )?(?:buyer|lender|match|offer|program|partner|advertiser|client|dealer|agent|"
            r"carrier)(?:e?s)?\b",
            r"(?:buyer|lender|match|offer|campaign|program)s? (?:\w+ )?(?:not found|not available|"
            r"unavailable)|"
            r"\bunmatched\b|not matched|no longer (?:buying|purchasing)",
            r"(?:filter|criteria|rule|targeting)s? (?:\w+ )?(?:fail|not met|mismatch|reject|not match)|"
            r"(?:failed|rejected by|blocked by|did not pass|does not pass) (?:\w+ )*(?:filter|criteria|rule)|"
            r"\bfiltered\b|filter (?:reject|fail)",
            r"(?:bankruptcy|foreclosure|dui|felony|sr ?22|pre ?existing condition)",
            r"(?:not needed|do not need|don't need|not wanted)|not (?:looking|in the market)",
        ),
    ),
    (
        ReasonCode.PRICE,
        (
            rf"{_PRICE}.*(?:low|high|below|above|minimum|maximum|exceed|not met|reject|mismatch|expired|"
            r"floor)",
            rf"(?:low|below|above|minimum|maximum|no|outbid|lost|invalid|losing) (?:\w+ ){{0,2}}{_PRICE}",
            r"\boutbid\b|\bno bids?\b|lost (?:the )?auction|price reject|floor not met|too expensive",
        ),
    ),
    (
        ReasonCode.INVALID_DATA,
        (
            r"invalid",
            r"not (?:a )?valid\b",
            r"missing",
            r"required",
            r"malformed",
            r"incorrect",
            r"validation",
            r"must (?:be|have|contain|match|not be)",
            r"disconnected|unreachable number|not in service|out of service|non working|fake",
            r"(?:cannot|can't|can not|may not|must not|should not) be (?:blank|empty|null)",
            r"(?:is|are|was) (?:blank|empty|null)",
            rf"\b(?:bad|wrong|bogus|unknown|garbage|test) {_DATUM}\b",
            r"unpars|could not (?:be )?pars|parse error|syntax error|not well formed|deseriali[sz]",
            r"(?:too (?:long|short)|string too long|out of range|length (?:must|exceed))",
            r"(?:phone|number|email|zip|address|name|state|dob|ssn)\b.*(?:not (?:found|match|verif|deliver|"
            r"exist)|"
            r"mismatch|bounc|undeliver|unverif|does not (?:match|exist)|failed)",
            r"(?:voip|landline|land line|prepaid|toll free|wireless|mobile)\b.*(?:not (?:accept|allow|"
            r"support)|only|"
            r"detected|reject)|not a (?:mobile|wireless|landline|us) ?(?:phone|number)?",
            r"profanity|gibberish|disposable email|undeliverable|test lead|fraud",
            r"no (?:phone|email|name|zip|address|data)\b|expected (?:a|an|number|string|integer|type)\b",
            r"doesnt exist|does not exist|doesn't exist|no such (?:field|column|property)",
        ),
    ),
    (
        ReasonCode.UNAVAILABLE,
        (
            r"unavailable|not available",
            r"\bbusy\b",
            r"maintenance",
            r"try (?:your request )?(?:again|later)|retry later|come back later",
            r"temporar",
            r"overload",
            r"offline",
            r"timed? ?out|time ?out|gateway",
            r"(?:internal|server|system|application|database|unexpected|unknown|processing|technical) "
            r"(?:\w+ )?(?:error|exception|fail)",
            r"(?:campaign|buyer|account|service|contract|order|offer|source|vendor|partner|system|server|"
            r"api)\b.*"
            r"(?:paused|inactive|disabled|down|stopped|suspended|not active|ended|on hold|deactivated)",
            r"\bpaused\b|suspended|on hold\b",
            r"not (?:currently )?(?:accepting|buying|taking|purchasing)",
            r"unable to (?:process|lock|connect|reach|complete)|could not (?:connect|process|reach)|"
            r"connection (?:refused|reset|failed)|deadlock",
        ),
    ),
    (ReasonCode.PRICE, (r"\bprice\b", r"\bbid\b")),
)

# What says that there is nothing of the kind.
_THING = (
    r"(?:duplicates?|dupes?|dups?|invalid|errors?|problems?|issues?|missing(?: fields?)?|restrictions?|"
    r"litigators?|"
    r"blacklist\w*|suppressed|dnc|closed|busy|unavailable|paused|required|bad|wrong|expired|unauthori[sz]ed)"
)
_FINE = r"(?:ok|okay|passed|pass|valid|verified|clear|clean|no|none|false|0|n|negative|successful|good)"
_DENIALS = re.compile(
    "|".join(
        (
            rf"\b(?:no|not|never|non|without|zero|0|isn't|is not|wasn't|was not)(?: an?| any| known| been| "
            r"previous|"
            rf" on(?: the)?){{0,2}} {_THING}\b(?: (?:leads?|records?|found|detected|exists?|list))*",
            rf"\b(?:duplicate|dupe|dnc|litigator|blacklist|suppression)(?: (?:check|lookup|scrub|test|"
            r"status))? ?"
            rf"[:=]? ?(?:is |was )?{_FINE}\b(?! ?\w* ?(?:longer|record))",
            r"\b(?:cap|quota|limit|budget)s? (?:is |was |has |have )?not(?: yet)?(?: been)? (?:reached|met|"
            r"exceeded|hit)",
            r"\b(?:no|without|under|below|within) (?:the |any )?(?:daily |monthly )?(?:cap|quota|"
            r"limit)s?\b(?! left)",
            r"\b(?:consent|tcpa|trusted ?form|jornaya|opt ?in)(?: \w+)? ?(?:is |was |has been "
            r")?(?:verified|given|on file|"
            r"received|confirmed|obtained|present|ok|valid|passed)\b",
            r"\bwith (?:valid |prior |express |written )*consent\b",
            r"\bno \w+ (?:is |are )?required\b|\b(?:is |are )?not required\b",
            r"(?<!not )\b(?:in|inside|within) (?:our |the |your )?(?:service |coverage )area\b",
        )
    )
)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_BETWEEN = re.compile(r"[_\-\s]+")
_PATTERNS = tuple((code, re.compile("|".join(wordings))) for code, wordings in _WORDINGS)


@lru_cache(maxsize=REMEMBERED)
def code_of(words: str) -> ReasonCode | None:
    """The reason that a recipient's words give; None for words that nobody taught us."""
    plain = _BETWEEN.sub(" ", _CAMEL.sub(" ", words)).replace("’", "'").lower().strip()
    said = _DENIALS.sub(" ", plain)
    return next((code for code, pattern in _PATTERNS if pattern.search(said)), None)
