"""What a server is told when it starts, and what it cannot have meant."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.settings import Settings, host_and_port


@pytest.mark.parametrize(
    ("address", "host", "port"),
    [
        ("127.0.0.1:7400", "127.0.0.1", 7400),
        ("192.0.2.1:0", "192.0.2.1", 0),
        ("[::1]:7400", "::1", 7400),
        ("[::]:65535", "::", 65535),
        ("localhost:80", "localhost", 80),
        ("relay-1.example:7400", "relay-1.example", 7400),
    ],
)
def test_an_address_has_a_host_and_a_port(address: str, host: str, port: int) -> None:
    assert host_and_port(address) == (host, port)
    assert Settings(listen=address).listen == address


@pytest.mark.parametrize(
    "address",
    [
        *("", "foo", ":7400", "1.2.3.4", "1.2.3.4:", "::1:7400", "[::1]", "a:b", "a:-1", "a:65536", "a:1e3"),
        *("a:٣", "1.2.3:80", "[1:2]:80", "a:" + "9" * 5000, "http://a:80", "unix:/tmp/x"),
    ],
)
def test_what_is_no_address_is_told_with_an_example(address: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:7400|is no address"):
        Settings(listen=address)


@given(st.text(max_size=20))
def test_any_text_is_an_address_or_is_not(text: str) -> None:
    try:
        host, port = host_and_port(text)
    except ValueError:
        return
    assert host
    assert 0 <= port <= 65_535


@pytest.mark.parametrize(
    ("address", "is_exposed"),
    [
        ("127.0.0.1:1", False),
        ("127.9.9.9:1", False),
        ("[::1]:1", False),
        ("localhost:1", False),
        ("0.0.0.0:1", True),
        ("[::]:1", True),
        ("10.0.0.1:1", True),
        ("relay.example:1", True),
        ("dead.beef:1", True),
    ],
)
def test_whether_others_can_reach_it_is_known(address: str, is_exposed: bool) -> None:
    assert Settings(listen=address).is_exposed is is_exposed


@pytest.mark.parametrize("half", [{"tls_certificate": Path("c")}, {"tls_key": Path("k")}])
def test_half_of_tls_is_a_mistake_and_never_plaintext(half: dict[str, Path]) -> None:
    with pytest.raises(ValueError, match="go together"):
        Settings(**half)  # type: ignore[arg-type]
