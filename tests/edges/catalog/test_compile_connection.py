"""`connection`: the version of HTTP and the proxy, checked before a lead depends on them."""

import pytest

from catalog_texts import loaded, of_destination, of_rest, refused, warned
from leadrelay.core.destination import Destination, HttpVersion, Proxy
from leadrelay.edges.catalog.context import Secrets

PASSWORD: Secrets = frozenset({"proxy-password"})


def compiled(keys: str) -> Destination:
    return loaded(of_rest(keys), PASSWORD).catalog.destinations["crm"]


def test_leads_go_in_http_1_1_and_straight_where_nothing_is_said() -> None:
    destination = compiled("")
    assert (destination.http_version, destination.proxy) == (HttpVersion.V1_1, None)


@pytest.mark.parametrize(
    ("written", "version"),
    [("1.1", HttpVersion.V1_1), ("2", HttpVersion.V2), ('"2"', HttpVersion.V2)],
)
def test_a_version_is_written_as_it_is_called(written: str, version: HttpVersion) -> None:
    assert compiled(f"connection: {{http_version: {written}}}").http_version is version


def test_other_versions_are_refused() -> None:
    (problem,) = refused(of_rest("connection: {http_version: 3}"))
    assert problem == (
        "c.yaml:5: destinations[crm].connection.http_version: unknown value `3`; it is one of: `1.1`, `2`"
    )


@pytest.mark.parametrize(
    ("keys", "proxy"),
    [
        (
            'url: "http://Proxy.example:3128"',
            Proxy(is_secure=False, host="proxy.example", port=3128),
        ),
        ('url: "https://proxy.example/"', Proxy(is_secure=True, host="proxy.example", port=443)),
        (
            'url: "https://[2001:db8::1]:8443", username: ada, password: {secret: proxy-password}',
            Proxy(is_secure=True, host="2001:db8::1", port=8443, username="ada", password="proxy-password"),
        ),
    ],
)
def test_compiles_a_proxy(keys: str, proxy: Proxy) -> None:
    assert compiled(f"connection: {{proxy: {{{keys}}}}}").proxy == proxy


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("url: proxy.example:3128", "url: needs a scheme and a host"),
        ("{}", "url: needs a scheme and a host"),
        ('url: "socks5://proxy.example:1080"', "url: only http:// and https://"),
        ('url: "http://proxy.example:3128/pac"', "url: a proxy has no path"),
        ('url: "http://proxy.example?x=1"', "url: a proxy has no path"),
        ('url: "http://{{state}}.proxy.example"', "url: a proxy is the same for every lead"),
        ('url: "http://ada:x@proxy.example"', "use `username` and `password` beside it"),
        ('url: "http://proxy.example:70000"', "url: has no readable host and port"),
        (
            'url: "https://p.example", username: "a:b", password: {secret: proxy-password}',
            "username: a user name for a proxy cannot have a colon",
        ),
        ('url: "https://p.example", password: {secret: proxy-password}', "username: a password is shown"),
        ('url: "https://p.example", username: ada, password: {secret: gone}', "password"),
        ('url: "https://p.example", username: ada', "needs a credential: `password: {secret: NAME}`"),
    ],
)
def test_refuses_proxies_that_cannot_be_used(keys: str, words: str) -> None:
    text = of_rest(f"connection: {{proxy: {keys if keys == '{}' else '{' + keys + '}'}}}")
    (problem,) = refused(text, PASSWORD)
    assert problem.startswith("c.yaml:5: destinations[crm].connection.proxy")
    assert words in problem


def test_warns_of_a_password_in_clear_and_of_an_address_that_is_closed() -> None:
    keys = 'url: "http://proxy.example:3128", username: ada, password: {secret: proxy-password}'
    (warning,) = (
        str(each) for each in loaded(of_rest(f"connection: {{proxy: {{{keys}}}}}"), PASSWORD).warnings
    )
    assert "shows the proxy its password unencrypted" in warning
    (warning,) = warned(of_rest('connection: {proxy: {url: "http://10.0.0.1:3128"}}'))
    assert "connection.proxy.url: leads to an address of a private network" in warning


def test_refuses_http2_in_clear_through_a_proxy() -> None:
    text = of_destination(
        """
        rest: {url: "http://example.com/leads"}
        connection: {http_version: 2, proxy: {url: "http://proxy.example:3128"}}
        """
    )
    (problem,) = refused(text)
    assert problem.startswith("c.yaml:4: destinations[crm].connection.http_version: through a proxy HTTP/2")


def test_another_leadrelay_is_reached_without() -> None:
    text = of_destination("direct: {target: 'peer.example:443', flow: loans}\nconnection: {http_version: 2}")
    (problem,) = refused(text)
    assert problem == (
        "c.yaml:4: destinations[crm].connection: is for HTTP; another leadrelay is reached by `direct` alone"
    )
