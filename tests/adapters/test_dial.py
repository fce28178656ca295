"""Names, addresses and certificates: each failure says which step it was, and whose it is to mend."""

import socket
import ssl
import warnings
from collections.abc import Sequence

import pytest
import trio

from certificates import Authority, an_authority, self_signed
from leadrelay.adapters.dial import Dialer, default_tls_context
from leadrelay.adapters.egress import Address
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode
from recipients_openssl import openssl_recipient
from recipients_raw import (
    Conduct,
    Visit,
    closes_after_reading,
    deaf_port,
    listening,
    resets,
    says,
    until_it_leaves,
)
from wires import LOOPBACK


@pytest.fixture(scope="module")
def authority() -> Authority:
    return an_authority()


async def test_nothing_listens_there() -> None:
    with deaf_port() as port, pytest.raises(NotSent, match="refused") as caught:
        await Dialer(allow=LOOPBACK).dial("127.0.0.1", port, secure=False)
    assert caught.value.code is ReasonCode.CONNECT


@pytest.mark.parametrize("host", ["no-such-recipient.invalid", "a..b", "x" * 70 + ".example"])
async def test_a_host_name_that_nobody_knows_is_not_repeated_in_the_words(host: str) -> None:
    with pytest.raises(NotSent) as caught:
        await Dialer(allow=LOOPBACK).dial(host, 80, secure=False)
    assert caught.value.code is ReasonCode.DNS
    assert host not in caught.value.words


async def test_a_name_that_leads_to_two_places_is_followed_to_the_one_that_answers(
    nursery: trio.Nursery,
) -> None:
    recipient = await listening(nursery, until_it_leaves)
    with deaf_port() as deaf:
        ports = [deaf, recipient.port, deaf]

        async def resolve(host: str, port: int) -> Sequence[Address]:
            return [(socket.AF_INET, ("127.0.0.1", port)) for port in ports]

        line = await Dialer(resolve=resolve, allow=LOOPBACK).dial("buyer.example", 80, secure=False)
    assert recipient.connections <= 1
    line.close()
    await recipient.has_ended(1)
    assert recipient.connections == 1


async def test_only_the_addresses_that_were_resolved_are_dialled(nursery: trio.Nursery) -> None:
    """The door for rules about where leads may go: what it returns is what is reached."""
    recipient = await listening(nursery, until_it_leaves)
    asked = []

    async def resolve(host: str, port: int) -> Sequence[Address]:
        asked.append((host, port))
        raise NotSent(ReasonCode.SSRF_BLOCKED, "not there")

    with pytest.raises(NotSent, match="not there"):
        await Dialer(resolve=resolve, allow=LOOPBACK).dial("127.0.0.1", recipient.port, secure=False)
    assert (asked, recipient.connections) == ([("127.0.0.1", recipient.port)], 0)


async def test_when_every_address_fails_the_last_failure_is_told() -> None:
    with deaf_port() as deaf:

        async def resolve(host: str, port: int) -> Sequence[Address]:
            return [(socket.AF_INET, ("127.0.0.1", deaf))] * 3

        with pytest.raises(NotSent, match="refused") as caught:
            await Dialer(resolve=resolve, allow=LOOPBACK).dial("buyer.example", 80, secure=False)
    assert caught.value.code is ReasonCode.CONNECT


async def test_a_good_certificate_opens_the_line(authority: Authority, nursery: trio.Nursery) -> None:
    async def echo(visit: Visit) -> None:
        await visit.write(await visit.read())

    recipient = await listening(nursery, echo, tls=authority.server())
    line = await Dialer(tls=authority.client(), allow=LOOPBACK).dial("127.0.0.1", recipient.port, secure=True)
    await line.send(b"hello")
    assert await line.receive() == b"hello"
    line.close()


@pytest.mark.parametrize(
    "case", ["another name", "expired", "not yet valid", "self-signed", "unknown authority"]
)
async def test_a_bad_certificate_is_refused_and_the_words_say_what_is_wrong_with_it(
    case: str, authority: Authority, nursery: trio.Nursery
) -> None:
    shown, words = {
        "another name": (authority.server(name="other.example"), "another host name"),
        "expired": (authority.server(valid=(-3, -2)), "has expired"),
        "not yet valid": (authority.server(valid=(2, 3)), "not valid yet"),
        "self-signed": (self_signed(), "self-signed"),
        "unknown authority": (an_authority().server(), "does not trust"),
    }[case]
    recipient = await listening(nursery, until_it_leaves, tls=shown)
    with pytest.raises(NotSent, match=words) as caught:
        await Dialer(tls=authority.client(), allow=LOOPBACK).dial("127.0.0.1", recipient.port, secure=True)
    assert caught.value.code is ReasonCode.TLS
    assert "other.example" not in caught.value.words
    await recipient.has_ended(1)


@pytest.mark.parametrize(
    ("alert", "words"),
    [
        (70, "no TLS version in common"),
        (40, "no version or cipher in common"),
        (112, "does not serve this host name"),
        (116, "client certificate"),
        (80, "internal error"),
    ],
)
async def test_a_recipients_tls_alert_is_put_into_words(
    alert: int, words: str, nursery: trio.Nursery
) -> None:
    recipient = await listening(nursery, says(b"\x15\x03\x03\x00\x02\x02" + bytes([alert])))
    with pytest.raises(NotSent, match=words) as caught:
        await Dialer(allow=LOOPBACK).dial("127.0.0.1", recipient.port, secure=True)
    assert caught.value.code is ReasonCode.TLS


async def test_a_recipient_with_nothing_newer_than_tls_1_1_is_refused(authority: Authority) -> None:
    old = authority.server()
    old.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with openssl_recipient(old) as recipient, pytest.raises(NotSent, match=r"1\.2 is the oldest") as caught:
        await Dialer(allow=LOOPBACK).dial("127.0.0.1", recipient.port, secure=True)
    assert (caught.value.code, recipient.requests) == (ReasonCode.TLS, [])


async def test_what_does_not_speak_tls_is_told_so(authority: Authority, nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, says(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    with pytest.raises(NotSent, match="does not speak TLS") as caught:
        await Dialer(allow=LOOPBACK).dial("127.0.0.1", recipient.port, secure=True)
    assert caught.value.code is ReasonCode.TLS


@pytest.mark.parametrize("conduct", [closes_after_reading, resets])
async def test_a_recipient_that_hangs_up_on_the_handshake(conduct: Conduct, nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, conduct)
    with pytest.raises(NotSent, match="during the TLS handshake") as caught:
        await Dialer(allow=LOOPBACK).dial("127.0.0.1", recipient.port, secure=True)
    assert caught.value.code is ReasonCode.TLS


async def test_a_cancelled_handshake_leaves_no_connection_behind(nursery: trio.Nursery) -> None:
    recipient = await listening(nursery, until_it_leaves)
    with trio.move_on_after(0.05) as scope:
        await Dialer(allow=LOOPBACK).dial("127.0.0.1", recipient.port, secure=True)
    assert scope.cancelled_caught
    await recipient.has_ended(1)


def test_the_default_context_is_one_and_checks_certificates() -> None:
    context = default_tls_context()
    assert context is default_tls_context()
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.cert_store_stats()["x509_ca"] > 50


async def test_a_context_may_be_made_for_each_connection_and_only_where_it_is_due(
    authority: Authority, nursery: trio.Nursery
) -> None:
    made: list[ssl.SSLContext] = []

    async def context() -> ssl.SSLContext:
        made.append(authority.client())
        return made[-1]

    dialer = Dialer(tls=context, allow=LOOPBACK)
    secure = await listening(nursery, until_it_leaves, tls=authority.server())
    plain = await listening(nursery, until_it_leaves)
    for recipient, is_secure in ((plain, False), (secure, True), (secure, True)):
        (await dialer.dial("127.0.0.1", recipient.port, secure=is_secure)).close()
    assert len(made) == 2


async def test_without_a_context_nobody_is_called(nursery: trio.Nursery) -> None:
    async def context() -> ssl.SSLContext:
        raise NotSent(ReasonCode.AUTH, "no certificate")

    recipient = await listening(nursery, until_it_leaves)
    with pytest.raises(NotSent, match="no certificate"):
        await Dialer(tls=context, allow=LOOPBACK).dial("127.0.0.1", recipient.port, secure=True)
    assert recipient.connections == 0
