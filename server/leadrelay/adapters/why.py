"""What went wrong on the way to a recipient, in words that say whose it is to mend.

They name neither host nor URL: keys hide in them, and a template may have put a lead's values there.
"""

import errno
import re
import socket
import ssl

import trio

from leadrelay.core.egress import NEVER_OPENED, Closed


def why_no_address(error: Exception) -> str:
    """What became of looking a name up."""
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return "the name server did not answer for the recipient's host name; check this server's DNS"
    if isinstance(error, socket.gaierror) and error.errno not in _UNKNOWN_NAME:
        return "the recipient's host name could not be looked up; check this server's DNS"
    return "the recipient's host name is not known; check its spelling in the destination's URL"


_UNKNOWN_NAME = (socket.EAI_NONAME, socket.EAI_NODATA)


def why_closed(closed: Closed) -> str:
    """Why no lead goes there, and who can open it."""
    if closed is Closed.METADATA:
        remedy = "only `leadrelay serve --allow-egress ADDRESS`, with this very address, opens it"
    elif closed in NEVER_OPENED:
        remedy = "nothing opens it; correct the destination's URL or the recipient's DNS"
    else:
        remedy = (
            "if it is meant, open it with `egress: {allow: [NETWORK]}` in the catalog "
            "or with `leadrelay serve --allow-egress NETWORK`"
        )
    return f"the recipient's host leads to {closed}, which is closed to leads; {remedy}"


def why_no_connection(error: OSError) -> str:
    """What the network, or this machine, said to a connection."""
    return _NO_CONNECTION.get(
        error.errno or 0,
        f"no connection to the recipient ({errno.errorcode.get(error.errno or 0, 'unknown')})",
    )


_NO_ROUTE = "there is no route to the recipient's address; check this server's network"
_NO_FILES = "this server has too many files and connections open; raise its limit (ulimit -n)"
_NO_CONNECTION = {
    errno.ECONNREFUSED: "connection refused: nothing listens at the recipient's address and port",
    errno.ECONNRESET: "the recipient ended the connection before it stood",
    errno.ETIMEDOUT: "the recipient's address did not answer; a firewall may be in between",
    errno.ENETUNREACH: _NO_ROUTE,
    errno.EHOSTUNREACH: _NO_ROUTE,
    errno.EMFILE: _NO_FILES,
    errno.ENFILE: _NO_FILES,
    errno.EADDRNOTAVAIL: "this server has no free port left for the connection",
}


def why_no_tls(error: Exception) -> str:
    """What was wrong with TLS, in words that say whose it is to mend."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return (
            _BAD_CERTIFICATE.get(error.verify_code, "the recipient's certificate is not valid")
            + f" (OpenSSL verify error {error.verify_code})"
        )
    reason = getattr(error, "reason", None) or _reason_in(str(error))
    if reason in _BAD_TLS:
        return _BAD_TLS[reason]
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError | trio.BrokenResourceError):
        return "the recipient ended the connection during the TLS handshake"
    return f"TLS with the recipient failed: {reason.lower().replace('_', ' ') or 'unknown reason'}"


def _reason_in(said: str) -> str:
    """OpenSSL's name for it by its own sentence, where Python knows no name; no peer wrote that."""
    found = _SENTENCE.search(said)
    return found[1].upper().replace(" ", "_") if found else ""


_SENTENCE = re.compile(r"^\[SSL\] ([a-z0-9 ]+) \(_ssl")
_UNKNOWN_ISSUER = "the recipient's certificate is signed by an authority that this server does not trust"
_WRONG_NAME = "the recipient's certificate is for another host name"
_BAD_CERTIFICATE = {  # by OpenSSL's X509_V_ERR_ numbers
    9: "the recipient's certificate is not valid yet; check the clocks",
    10: "the recipient's certificate has expired",
    18: "the recipient's certificate is self-signed",
    19: _UNKNOWN_ISSUER,
    20: _UNKNOWN_ISSUER,
    21: _UNKNOWN_ISSUER,
    62: _WRONG_NAME,
    64: _WRONG_NAME,
}

_OLD_TLS = "the recipient and this server have no TLS version in common; 1.2 is the oldest allowed"
_NO_COMMON_CIPHER = (
    "the recipient refused the TLS handshake: no version or cipher in common, or it wants a client "
    "certificate (`mtls`)"
)
_WANTS_CERTIFICATE = (
    "the recipient wants a client certificate that it accepts; name one with `mtls` in the `auth` of this "
    "destination"
)
_BAD_OF_OURS = "the recipient does not accept our client certificate"
_BAD_TLS = {  # by OpenSSL's reason names
    "WRONG_VERSION_NUMBER": "what listens at the recipient's port does not speak TLS",
    "HTTP_REQUEST": "what listens at the recipient's port does not speak TLS",
    "UNSUPPORTED_PROTOCOL": _OLD_TLS,
    "TLSV1_ALERT_PROTOCOL_VERSION": _OLD_TLS,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": _NO_COMMON_CIPHER,
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": _WANTS_CERTIFICATE,
    "SSLV3_ALERT_BAD_CERTIFICATE": _BAD_OF_OURS,
    "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE": f"{_BAD_OF_OURS}: it is of a kind that it does not take",
    "SSLV3_ALERT_CERTIFICATE_REVOKED": f"{_BAD_OF_OURS}: it has been revoked; store a new one",
    "SSLV3_ALERT_CERTIFICATE_EXPIRED": f"{_BAD_OF_OURS}: it has expired; store a new one",
    "SSLV3_ALERT_CERTIFICATE_UNKNOWN": _BAD_OF_OURS,
    "TLSV1_ALERT_UNKNOWN_CA": (
        f"{_BAD_OF_OURS}: it does not trust the authority that signed it; intermediate certificates, if "
        "there are any, have to stand behind ours in the same secret"
    ),
    "TLSV1_ALERT_ACCESS_DENIED": f"{_BAD_OF_OURS}: it is valid and not allowed in",
    "TLSV1_ALERT_DECRYPT_ERROR": f"{_BAD_OF_OURS}: its signature did not fit",
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": (
        "the recipient does not speak the version of HTTP that it was offered; see `http_version` of the "
        "destination's `connection`"
    ),
    "TLSV1_UNRECOGNIZED_NAME": "the recipient does not serve this host name over TLS",
    "TLSV1_ALERT_UNRECOGNIZED_NAME": "the recipient does not serve this host name over TLS",
}
