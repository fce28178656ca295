"""Words for failures that a test cannot easily bring about on a real network; the others are in test_dial."""

import errno
import socket
import ssl

import pytest

from leadrelay.adapters.why import why_closed, why_no_address, why_no_connection, why_no_tls
from leadrelay.core.egress import Closed


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "buyer.example"), "name server did not answer"),
        (socket.gaierror(socket.EAI_NONAME, "buyer.example"), "check its spelling"),
        (socket.gaierror(socket.EAI_FAIL, "buyer.example"), "could not be looked up"),
        (UnicodeError("buyer.example"), "check its spelling"),
    ],
)
def test_a_lookup_that_failed_says_whether_the_name_or_the_dns_is_to_blame(
    error: Exception, words: str
) -> None:
    assert words in why_no_address(error)
    assert "buyer" not in why_no_address(error)


@pytest.mark.parametrize(
    ("closed", "words"),
    [
        (
            Closed.LOOPBACK,
            "leads to a loopback address, which is closed to leads; if it is meant, open it",
        ),
        (Closed.METADATA, "only `leadrelay serve --allow-egress ADDRESS`"),
        (Closed.MULTICAST, "nothing opens it"),
    ],
)
def test_an_address_that_is_closed_says_of_what_kind_it_is_and_who_can_open_it(
    closed: Closed, words: str
) -> None:
    assert words in why_closed(closed)


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ECONNREFUSED, "nothing listens"),
        (errno.ETIMEDOUT, "firewall"),
        (errno.EHOSTUNREACH, "no route"),
        (errno.EMFILE, "ulimit -n"),
        (errno.EACCES, "(EACCES)"),
        (0, "(unknown)"),
    ],
)
def test_a_connection_that_failed_says_at_which_end(number: int, words: str) -> None:
    assert words in why_no_connection(OSError(number, "buyer.example"))
    assert "buyer" not in why_no_connection(OSError(number, "buyer.example"))


def test_tls_failures_without_a_name_of_their_own_are_told_by_openssls() -> None:
    error = ssl.SSLError(1, "buyer.example")
    error.reason = "DH_KEY_TOO_SMALL"
    assert why_no_tls(error) == "TLS with the recipient failed: dh key too small"
    assert why_no_tls(ssl.SSLError(1, "buyer.example")) == "TLS with the recipient failed: unknown reason"
    nameless = ssl.SSLError(1, "[SSL] tlsv1 alert no application protocol (_ssl.c:1006)")
    assert "see `http_version` of the destination's `connection`" in why_no_tls(nameless)
    assert why_no_tls(ssl.SSLError(1, "[SSL] odd thing (_ssl.c:9)")).endswith("failed: odd thing")


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("SSLV3_ALERT_CERTIFICATE_REVOKED", "our client certificate: it has been revoked"),
        ("SSLV3_ALERT_CERTIFICATE_EXPIRED", "our client certificate: it has expired"),
        ("SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "our client certificate: it is of a kind"),
        ("SSLV3_ALERT_BAD_CERTIFICATE", "does not accept our client certificate"),
        ("SSLV3_ALERT_CERTIFICATE_UNKNOWN", "does not accept our client certificate"),
        ("TLSV1_ALERT_UNKNOWN_CA", "intermediate certificates"),
        ("TLSV1_ALERT_ACCESS_DENIED", "not allowed in"),
        ("TLSV1_ALERT_DECRYPT_ERROR", "its signature did not fit"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "name one with `mtls`"),
    ],
)
def test_a_refused_certificate_of_ours_is_told_from_one_of_theirs(reason: str, words: str) -> None:
    error = ssl.SSLError(1, "buyer.example")
    error.reason = reason
    assert words in why_no_tls(error)
