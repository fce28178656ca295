"""`auth` of a destination: proofs of who we are. Secrets are only ever named."""

import re

from leadrelay.core.destination import (
    ApiKey,
    Basic,
    Bearer,
    CustomHeaders,
    Hmac,
    HmacAlgorithm,
    Mtls,
    Proof,
    StandardWebhooks,
    Wsse,
)
from leadrelay.edges.catalog.compile_oauth2 import compile_oauth2
from leadrelay.edges.catalog.compile_protocol import IN_QUERY, check_header_name
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import named, nearest
from leadrelay.v1 import destination_pb2 as pb

MAX_KEYS = 8  # of one webhook, while they rotate

_ALGORITHMS = tuple(each.value for each in HmacAlgorithm)
_WITH_MEMBERS = (pb.BODY_FORMAT_UNSPECIFIED, pb.BODY_FORMAT_JSON, pb.BODY_FORMAT_FORM)
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def compile_proofs(context: Context, path: Path, message: pb.Destination) -> tuple[Proof, ...]:
    """The proofs of a destination, without those whose problems have been noted."""
    _check_certificates(context, path, message)
    for index, auth in enumerate(message.auth):
        if auth.HasField("wsse") and message.WhichOneof("protocol") not in ("soap", None):
            words = "WS-Security is a part of SOAP envelopes; use it with `soap`"
            context.findings.problem((*path, "auth", index, "wsse"), words)
        if auth.api_key.field and not _has_members(message):
            words = "a key in the body needs a body of `format: form` or `json`; use `header` or `query`"
            context.findings.problem((*path, "auth", index, "api_key", "field"), words)
    has_certificate = any(auth.HasField("mtls") for auth in message.auth)
    proofs = (
        _proof(context, (*path, "auth", index), auth, has_certificate)
        for index, auth in enumerate(message.auth)
    )
    return tuple(proof for proof in proofs if proof is not None)


def _has_members(message: pb.Destination) -> bool:
    """Whether a key can be added to the body that the destination is sent."""
    protocol = message.WhichOneof("protocol")
    if protocol not in ("rest", "webhook"):
        return protocol is None  # which is told elsewhere
    body = message.rest.body if protocol == "rest" else message.webhook.body
    is_query = protocol == "rest" and message.rest.method in IN_QUERY and not body.format
    has_other = body.template or any(body.HasField(name) for name in ("xml", "csv", "fixed_width"))
    return body.format in _WITH_MEMBERS and not (is_query or has_other or body.parameter)


def _check_certificates(context: Context, path: Path, message: pb.Destination) -> None:
    indexes = [index for index, auth in enumerate(message.auth) if auth.HasField("mtls")]
    places = [(*path, "auth", index, "mtls") for index in indexes]
    for place in places[1:]:
        context.findings.problem(place, "a connection shows one certificate, and another `mtls` names one")
    url = message.rest.url or message.webhook.url or message.soap.url
    if places and url.lower().startswith("http://"):
        context.findings.problem(places[0], "http:// shows no certificate; use https://")


def _proof(context: Context, path: Path, auth: pb.Auth, has_certificate: bool) -> Proof | None:
    match auth.WhichOneof("kind"):
        case "api_key":
            return _api_key(context, (*path, "api_key"), auth.api_key)
        case "basic":
            return _basic(context, (*path, "basic"), auth.basic)
        case "bearer":
            below = (*path, "bearer")
            return Bearer(token=context.secret((*below, "token"), auth.bearer.token))
        case "headers":
            return _custom_headers(context, (*path, "headers"), auth.headers)
        case "oauth2":
            below = (*path, "oauth2")
            return compile_oauth2(context, below, auth.oauth2, has_certificate=has_certificate)
        case "hmac":
            return _hmac(context, (*path, "hmac"), auth.hmac)
        case "standard_webhooks":
            return _standard_webhooks(context, (*path, "standard_webhooks"), auth.standard_webhooks)
        case "mtls":
            below = (*path, "mtls")
            return Mtls(
                certificate=context.secret((*below, "certificate"), auth.mtls.certificate),
                private_key=context.secret((*below, "private_key"), auth.mtls.private_key),
            )
        case "wsse":
            return _wsse(context, (*path, "wsse"), auth.wsse)
        case None:
            kinds = ", ".join(named(field.name) for field in auth.DESCRIPTOR.fields)
            message = f"names no kind of proof; there are: {kinds}"
            context.findings.absence(path, message)
    return None  # one that this version does not carry, which is said elsewhere


def _api_key(context: Context, path: Path, key: pb.ApiKey) -> ApiKey:
    if not (key.header or key.query or key.field):
        message = "needs the name of the `header`, the `query` parameter or the `field` that carries the key"
        context.findings.absence(path, message)
    if key.header:
        check_header_name(context, (*path, "header"), key.header)
    if key.prefix and not key.header:
        context.findings.problem((*path, "prefix"), "a prefix is written before a key in a header only")
    secret = context.secret((*path, "key"), key.key)
    return ApiKey(key=secret, header=key.header, query=key.query, field=key.field, prefix=key.prefix)


def _basic(context: Context, path: Path, basic: pb.Basic) -> Basic:
    if not basic.username:
        context.findings.absence(path, "needs a `username`")
    if ":" in basic.username:
        context.findings.problem((*path, "username"), "a user name for HTTP Basic cannot have a colon")
    return Basic(username=basic.username, password=context.secret((*path, "password"), basic.password))


def _custom_headers(context: Context, path: Path, headers: pb.CustomHeaders) -> CustomHeaders:
    if not headers.values:
        context.findings.absence(path, "needs at least one header: `values: {X-Key: {secret: NAME}}`")
    values = {}
    for name, credential in sorted(headers.values.items()):  # protobuf keeps no order
        below = (*path, "values", name)
        check_header_name(context, below, name)
        values[name] = context.secret(below, credential)
    return CustomHeaders(values=values)


def _hmac(context: Context, path: Path, message: pb.Hmac) -> Hmac:
    algorithm, header = message.algorithm or HmacAlgorithm.SHA256.value, message.header or "X-Signature"
    if algorithm not in _ALGORITHMS:
        near = nearest(algorithm, _ALGORITHMS)
        hint = f"; did you mean {named(near)}?" if near else "; there are `sha256` and `sha512`"
        words = f"{named(algorithm)} is no algorithm that can be signed with{hint}"
        context.findings.problem((*path, "algorithm"), words)
        algorithm = HmacAlgorithm.SHA256.value
    check_header_name(context, (*path, "header"), header)
    if _CONTROL.search(message.prefix):
        context.findings.problem((*path, "prefix"), "cannot have line breaks or control characters")
    return Hmac(
        key=context.secret((*path, "key"), message.key),
        algorithm=HmacAlgorithm(algorithm),
        header=header,
        prefix=message.prefix,
    )


def _standard_webhooks(context: Context, path: Path, message: pb.StandardWebhooks) -> StandardWebhooks:
    if not message.keys:
        context.findings.absence(
            path, "needs at least one key: `keys: [{secret: NAME}]`, the current one first"
        )
    if len(message.keys) > MAX_KEYS:
        words = f"more than {MAX_KEYS} keys cannot be meant; each makes a signature of its own"
        context.findings.problem((*path, "keys"), words)
    keys = (context.secret((*path, "keys", index), key) for index, key in enumerate(message.keys))
    return StandardWebhooks(keys=tuple(keys))


def _wsse(context: Context, path: Path, message: pb.Wsse) -> Wsse:
    if not message.username:
        context.findings.absence(path, "needs a `username`")
    if _CONTROL.search(message.username):
        context.findings.problem((*path, "username"), "cannot have line breaks or control characters")
    password = context.secret((*path, "password"), message.password)
    return Wsse(username=message.username, password=password, digest=message.digest)
