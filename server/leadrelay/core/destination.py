"""One recipient's endpoint with all that is needed to deliver there, compiled and checked.

Times are seconds. Templates, conditions, mapping and reading are compiled when the catalog is
applied, so that carrying a lead only calls them.
"""

from collections.abc import Mapping as Dict
from dataclasses import dataclass, field
from enum import StrEnum

from leadrelay.core.batch import Batch
from leadrelay.core.egress import Rule
from leadrelay.core.encoding import Encoder
from leadrelay.core.limits import Limits
from leadrelay.core.mapping import Mapping
from leadrelay.core.pricing import PriceRule
from leadrelay.core.reading import Reading
from leadrelay.core.retry import Backoff
from leadrelay.core.template import Template


class WhenUnknown(StrEnum):
    """What becomes of a lead that may have arrived (behaviour 4.5)."""

    HOLD = "hold"
    CONTINUE = "continue"
    RESEND = "resend"
    ASK = "ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    connect: float = 5.0  # until the connection stands, TLS included
    response: float = 15.0  # from the first byte out to the last byte in
    total: float = 30.0  # queueing, all in-line attempts and their pauses


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Any HTTP method with any body."""

    url: Template  # its results are URL-encoded
    method: str = "POST"
    body: Encoder  # a query's encoder appends to the URL instead
    headers: Dict[str, Template] = field(default_factory=dict)
    follow_redirects: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A POST of the mapped lead, or of the whole lead where there is no mapping."""

    url: Template
    body: Encoder  # JSON or form
    headers: Dict[str, Template] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRequest:
    """Asks the recipient what became of an attempt that may have arrived (behaviour 4.5)."""

    request: Rest
    reading: Reading
    not_known: Reading  # a success: the recipient has never had the lead
    retry: Backoff  # how often and how long after


class SoapVersion(StrEnum):
    V1_1 = "1.1"
    V1_2 = "1.2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Soap:
    """One operation of a service that a WSDL describes; the WSDL is read when the first lead needs it."""

    wsdl: str  # a URL or the absolute path of a file
    operation: str
    service: str = ""  # empty, here and below: as the WSDL says
    port: str = ""
    url: str = ""
    version: SoapVersion | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Direct:
    """A flow of another leadrelay, or of this one."""

    flow: str
    host: str = ""  # empty: this server
    port: int = 0
    is_plaintext: bool = False
    loop_limit: int = 3  # servers that a lead may have passed and still go on
    is_whole: bool = False  # the whole lead goes, with its source and its submission


Protocol = Rest | Webhook | Soap | Direct


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A key in a header, in a query parameter or in the body; exactly one of the three is named."""

    key: str  # the secret's name, here and below
    header: str = ""
    query: str = ""
    field: str = ""  # of a form or of a JSON object
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Basic:
    username: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomHeaders:
    values: Dict[str, str]  # header name to secret name


class HmacAlgorithm(StrEnum):
    SHA256 = "sha256"
    SHA512 = "sha512"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hmac:
    """A hex digest over the body (RFC 2104), in a header."""

    key: str
    algorithm: HmacAlgorithm = HmacAlgorithm.SHA256
    header: str = "X-Signature"
    prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardWebhooks:
    """Standard Webhooks 1.0.0, symmetric."""

    keys: tuple[str, ...]  # the current one first


@dataclass(frozen=True, slots=True, kw_only=True)
class Wsse:
    """A WS-Security UsernameToken in a SOAP envelope."""

    username: str
    password: str
    digest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mtls:
    """A client certificate, shown while the connection is made; both secrets are PEM."""

    certificate: str  # ours first, then those that lead to the recipient's authority
    private_key: str


class ClientAuthMethod(StrEnum):
    """How an OAuth client shows its secret (RFC 6749, 2.3.1)."""

    BASIC = "client_secret_basic"
    POST = "client_secret_post"


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2:
    """What a token request of any grant has (RFC 6749)."""

    token_url: str
    client_id: str
    client_secret: str = ""  # empty: the client has none to show
    client_auth: ClientAuthMethod = ClientAuthMethod.BASIC
    scopes: tuple[str, ...] = ()
    extra: Dict[str, str] = field(default_factory=dict)
    default_lifetime: float = 600.0  # where the answer names none


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2ClientCredentials(OAuth2):
    """RFC 6749, 4.4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2RefreshToken(OAuth2):
    """RFC 6749, 6."""

    refresh_token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2Password(OAuth2):
    """RFC 6749, 4.3."""

    username: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth2JwtBearer(OAuth2):
    """RFC 7523, 2.1."""

    username: str  # whom the assertion speaks for
    private_key: str
    audience: str = ""  # empty: the token URL


Proof = ApiKey | Basic | Bearer | CustomHeaders | OAuth2 | Hmac | StandardWebhooks | Wsse | Mtls


class HttpVersion(StrEnum):
    V1_1 = "1.1"
    V2 = "2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proxy:
    """An HTTP proxy that stands between us and a destination."""

    is_secure: bool  # it is spoken to under TLS
    host: str
    port: int
    username: str = ""  # empty: it asks for none
    password: str = ""  # the secret's name


class EndpointOrder(StrEnum):
    LISTED = "listed"
    HEALTH = "health"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Another address of the same recipient."""

    name: str
    url: Template


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoints:
    """Besides the protocol's own URL, which is called PRIMARY (behaviour 4.6)."""

    backups: tuple[Endpoint, ...]
    order: EndpointOrder = EndpointOrder.LISTED


PRIMARY = "primary"


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    name: str
    protocol: Protocol
    mapping: Mapping
    reading: Reading
    prices: tuple[PriceRule, ...] = ()  # where neither a reply nor a bid names one
    proofs: tuple[Proof, ...] = ()
    timeouts: Timeouts = field(default_factory=Timeouts)
    retry: Backoff = field(default_factory=Backoff)
    when_unknown: WhenUnknown = WhenUnknown.HOLD
    ask: StatusRequest | None = None  # with ASK and only then
    concurrency: int = 32  # deliveries under way at once
    queue: int = 10_000  # leads that may wait for a slot
    limits: Limits | None = None  # what else it asks for; None: nothing, and its outlet asks nobody
    http_version: HttpVersion = HttpVersion.V1_1  # of its leads; token endpoints are asked in 1.1
    proxy: Proxy | None = None  # for its tokens, too
    endpoints: Endpoints | None = None  # None: it has one
    batch: Batch | None = None  # None: each lead has a request of its own
    egress: tuple[Rule, ...] = ()  # what may be reached besides public addresses, for its tokens too
    fingerprint: str = ""  # of its source text: equal means that nothing about it changed
