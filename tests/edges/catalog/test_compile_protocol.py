"""`rest` and `webhook`: what will be sent where, checked before a lead depends on it."""

import pytest

from catalog_texts import loaded, of_destination, refused, warned
from leadrelay.core.destination import Rest, Webhook
from leadrelay.core.scope import Scope

MAPPING = 'mapping: [{to: a, value: "{{email}}"}]\n'


def rest(keys: str) -> Rest:
    protocol = loaded(of_destination(MAPPING + f"rest: {{{keys}}}")).catalog.destinations["crm"].protocol
    assert isinstance(protocol, Rest)
    return protocol


def refused_rest(keys: str) -> list[str]:
    return refused(of_destination(f"rest: {{{keys}}}"))


def test_compiles_a_rest_endpoint() -> None:
    compiled = rest(
        'url: "https://example.com/x", method: PUT, body: {format: form}, headers: {X-A: "{{b}}"}'
    )
    scope = Scope({"b": "1"})
    assert (compiled.method, compiled.url(scope)) == ("PUT", "https://example.com/x")
    assert compiled.body.content_type.startswith("application/x-www-form-urlencoded")
    assert compiled.headers["X-A"](scope) == "1"


def test_posts_json_where_nothing_else_is_said_and_a_get_sends_a_query() -> None:
    assert rest('url: "https://example.com"').method == "POST"
    assert rest('url: "https://example.com"').body.content_type.startswith("application/json")
    assert rest('url: "https://example.com", method: GET').body.content_type == ""
    assert rest('url: "https://example.com", method: GET, body: {format: json}').body.content_type


def test_redirects_are_followed_only_where_it_is_asked_for() -> None:
    assert not rest('url: "https://example.com"').follow_redirects
    assert rest('url: "https://example.com", follow_redirects: true').follow_redirects


def test_what_a_template_puts_into_a_url_is_encoded() -> None:
    """Behaviour 4.1: a lead's value cannot leave the place that the catalog gave it."""
    url = rest('url: "https://example.com/{{city}}?q={{city}}&x=1"').url
    assert (
        url(Scope({"city": "a/b?c&d é"}))
        == "https://example.com/a%2Fb%3Fc%26d%20%C3%A9?q=a%2Fb%3Fc%26d%20%C3%A9&x=1"
    )


def test_compiles_a_webhook() -> None:
    text = of_destination('webhook: {url: "https://example.com", body: {format: form}}')
    protocol = loaded(text).catalog.destinations["crm"].protocol
    assert isinstance(protocol, Webhook)
    assert protocol.body.content_type.startswith("application/x-www-form-urlencoded")


def test_a_webhook_has_no_query() -> None:
    text = of_destination('webhook: {url: "https://example.com", body: {format: query}}')
    assert refused(text) == [
        "c.yaml:3: destinations[crm].webhook.body.format: a webhook's body is json or form; "
        "use `rest` for anything else"
    ]


def test_a_destination_must_say_how_to_reach_it() -> None:
    assert refused(of_destination(MAPPING)) == [
        "c.yaml:2: destinations[crm]: says nothing of how to reach it; add `rest`, `webhook`, `soap` or "
        "`direct`"
    ]


def test_a_url_must_be_there_and_be_one() -> None:
    assert refused_rest("method: POST") == [
        "c.yaml:3: destinations[crm].rest: needs a `url`, as in https://example.com/leads"
    ]
    assert refused_rest("url: example.com") == [
        "c.yaml:3: destinations[crm].rest.url: needs a scheme and a host, as in https://example.com/leads"
    ]


def test_a_url_with_a_password_is_refused_and_not_repeated() -> None:
    (problem,) = refused_rest('url: "https://me:hunter2@example.com"')
    assert "must not carry a user name or a password" in problem
    assert "hunter2" not in problem


def test_a_template_in_a_url_is_checked() -> None:
    assert refused_rest('url: "https://example.com/{{lowercas x}}"') == [
        "c.yaml:3: destinations[crm].rest.url: at column 23 of this text: there is no helper `lowercas`; "
        "did you mean `lowercase`?"
    ]


@pytest.mark.parametrize(
    ("method", "problem"),
    [
        ("post", "`post` is no method that can be sent; did you mean POST?"),
        ("CONNECT", "`CONNECT` is no method that can be sent"),
        ("'GET IT'", "`GET IT` is no method that can be sent"),
    ],
)
def test_a_method_must_be_one_that_can_be_sent(method: str, problem: str) -> None:
    (found,) = refused_rest(f'url: "https://example.com", method: {method}')
    assert found.startswith(f"c.yaml:3: destinations[crm].rest.method: {problem}")


def test_an_unusual_method_is_a_warning() -> None:
    text = of_destination(MAPPING + 'rest: {url: "https://example.com", method: POTS}')
    assert warned(text) == [
        "c.yaml:4: destinations[crm].rest.method: `POTS` is an unusual method; did you mean POST?"
    ]


@pytest.mark.parametrize(
    ("headers", "problem"),
    [
        ('"a b": x', "`a b` cannot be the name of a header; use letters, digits and `-`"),
        ("Content-Length: '5'", "the header `Content-Length` is set by leadrelay itself; remove it"),
        ("X-A: x, x-a: y", "is the same header as `X-A`; case does not count"),
        ('X-A: "a\\nb"', "a header's value cannot have line breaks or control characters"),
        ('X-A: "{{if"', "at column 1 of this text: this tag is not closed; expected `}}`"),
    ],
)
def test_headers_must_be_sendable(headers: str, problem: str) -> None:
    (found,) = refused_rest(f'url: "https://example.com", headers: {{{headers}}}')
    assert problem in found


def test_a_credential_in_a_header_is_refused_and_not_repeated() -> None:
    (problem,) = refused_rest('url: "https://example.com", headers: {Authorization: Bearer hunter2}')
    assert problem == (
        "c.yaml:3: destinations[crm].rest.headers.Authorization: `Authorization` carries a credential, which "
        "must not be written in a catalog; use `auth`, for example "
        "`- headers: {values: {Authorization: {secret: NAME}}}`"
    )


def test_sending_in_clear_over_a_network_is_a_warning_and_to_this_machine_is_none() -> None:
    text = of_destination(MAPPING + 'rest: {url: "http://example.com"}')
    assert warned(text) == [
        "c.yaml:4: destinations[crm].rest.url: http:// sends personal data and credentials unencrypted; "
        "use https:// if there is one"
    ]
    to_this_machine = of_destination(MAPPING + 'rest: {url: "http://127.0.0.1:7480/x"}')
    assert warned(to_this_machine + "egress: {allow: [127.0.0.0/8]}\n") == []
