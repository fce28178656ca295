"""`oauth2` of a destination: a grant with all it needs and nothing that belongs to another."""

from typing import Any

from leadrelay.core.destination import (
    ClientAuthMethod,
    OAuth2,
    OAuth2ClientCredentials,
    OAuth2JwtBearer,
    OAuth2Password,
    OAuth2RefreshToken,
)
from leadrelay.edges.catalog.compile_egress import warn_of_closed
from leadrelay.edges.catalog.context import Context
from leadrelay.edges.catalog.findings import Path
from leadrelay.edges.catalog.problems import named
from leadrelay.edges.catalog.urls import is_in_clear, url_problems
from leadrelay.v1 import destination_pb2 as pb

_CLIENT_AUTH = {
    pb.CLIENT_AUTH_METHOD_UNSPECIFIED: ClientAuthMethod.BASIC,
    pb.CLIENT_AUTH_METHOD_BASIC: ClientAuthMethod.BASIC,
    pb.CLIENT_AUTH_METHOD_POST: ClientAuthMethod.POST,
}
_GRANTS = {  # their names in a catalog, and the fields that belong to some grants only
    pb.OAUTH2_GRANT_UNSPECIFIED: ("client_credentials", ()),
    pb.OAUTH2_GRANT_CLIENT_CREDENTIALS: ("client_credentials", ()),
    pb.OAUTH2_GRANT_REFRESH_TOKEN: ("refresh_token", ("refresh_token",)),
    pb.OAUTH2_GRANT_PASSWORD: ("password", ("username", "password")),
    pb.OAUTH2_GRANT_JWT_BEARER: ("jwt_bearer", ("username", "private_key", "audience")),
}
_FOR_SOME = ("username", "password", "refresh_token", "private_key", "audience")
# They are fields of their own, and those that are credentials must not be written in clear.
_NOT_EXTRA = (
    *("grant_type", "client_id", "client_secret", "scope", "username", "password", "refresh_token"),
    *("assertion", "client_assertion", "client_assertion_type", "code"),
)


def compile_oauth2(
    context: Context, path: Path, oauth2: pb.OAuth2, *, has_certificate: bool = False
) -> OAuth2:
    """The grant at a path. A client that shows a certificate needs no secret (RFC 8705)."""
    grant, own = _GRANTS[oauth2.grant]
    _check_token_url(context, path, oauth2.token_url)
    if not oauth2.client_id:
        context.findings.absence(path, "needs a `client_id`")
    for name in _FOR_SOME:
        if name not in own and name in (field.name for field, _ in oauth2.ListFields()):
            context.findings.problem((*path, name), f"{_whose(name)}, and this is `grant: {grant}`")
    _check_extra(context, path, oauth2)
    common = {
        "token_url": oauth2.token_url,
        "client_id": oauth2.client_id,
        "client_secret": _client_secret(
            context, path, oauth2, is_needed=grant == "client_credentials" and not has_certificate
        ),
        "client_auth": _CLIENT_AUTH[oauth2.client_auth],
        "scopes": tuple(oauth2.scopes),
        "extra": dict(sorted(oauth2.extra.items())),
        "default_lifetime": _lifetime(context, path, oauth2),
    }
    return _of_grant(context, path, oauth2, common)


def _of_grant(context: Context, path: Path, oauth2: pb.OAuth2, common: dict[str, Any]) -> OAuth2:
    match oauth2.grant:
        case pb.OAUTH2_GRANT_REFRESH_TOKEN:
            token = context.secret((*path, "refresh_token"), oauth2.refresh_token)
            return OAuth2RefreshToken(refresh_token=token, **common)
        case pb.OAUTH2_GRANT_PASSWORD:
            if not oauth2.username:
                context.findings.absence(path, "needs a `username`")
            password = context.secret((*path, "password"), oauth2.password)
            return OAuth2Password(username=oauth2.username, password=password, **common)
        case pb.OAUTH2_GRANT_JWT_BEARER:
            if not oauth2.username:
                context.findings.absence(path, "needs a `username`: whom the assertion speaks for (`sub`)")
            key = context.secret((*path, "private_key"), oauth2.private_key)
            return OAuth2JwtBearer(
                username=oauth2.username, private_key=key, audience=oauth2.audience, **common
            )
    return OAuth2ClientCredentials(**common)


def _whose(field: str) -> str:
    grants = [named(grant) for grant, own in dict(_GRANTS.values()).items() if field in own]
    return f"belongs to the grant {' or '.join(grants)}"


def _client_secret(context: Context, path: Path, oauth2: pb.OAuth2, *, is_needed: bool) -> str:
    """Its name; empty where the client has none. Other grants show enough without it."""
    if is_needed or oauth2.HasField("client_secret"):
        return context.secret((*path, "client_secret"), oauth2.client_secret)
    if oauth2.client_auth:
        words = "says how a secret is shown, and there is no `client_secret`"
        context.findings.problem((*path, "client_auth"), words)
    return ""


def _check_extra(context: Context, path: Path, oauth2: pb.OAuth2) -> None:
    for name in sorted(oauth2.extra):
        if name.lower() in _NOT_EXTRA:
            message = f"{named(name)} cannot be sent as an extra; it is a setting of its own or not allowed"
            context.findings.problem((*path, "extra", name), message)


def _lifetime(context: Context, path: Path, oauth2: pb.OAuth2) -> float:
    if not oauth2.HasField("default_lifetime"):
        return 600.0
    return context.seconds((*path, "default_lifetime"), oauth2.default_lifetime)


def _check_token_url(context: Context, path: Path, url: str) -> None:
    below = (*path, "token_url")
    if not url:
        context.findings.absence(path, "needs a `token_url`, as in https://example.com/oauth/token")
        return
    if "{{" in url:
        context.findings.problem(below, "a token is for all leads, so its URL cannot be a template")
        return
    problems = list(url_problems(url))
    for problem in problems:
        context.findings.problem(below, problem)
    if not problems and is_in_clear(url):
        context.findings.warning(below, "http:// sends the client's secret unencrypted; use https://")
    if not problems:
        warn_of_closed(context, below, url)
