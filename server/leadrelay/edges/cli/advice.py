"""What to try where a server was not reached, or did not let us in.

gRPC says what failed in the words of its own layers ("SSL_ERROR_SSL", "Socket closed"), and a server speaks
to callers of any language; neither knows the options of a command line.
"""

from typing import Final

from leadrelay_client import LeadrelayError, Unauthenticated, Unavailable, Unimplemented

# The first that stands in gRPC's words decides; they may change, and then there is no advice.
_UNREACHED: Final = (
    ("WRONG_VERSION_NUMBER", "it does not speak TLS: leave out --tls and --certificate"),
    ("CERTIFICATE_VERIFY_FAILED", "its certificate is not trusted: give its authority's with --tls PEM"),
    ("Hostname Verification", "its certificate is for another name: give the name that it has to --server"),
    ("Connection refused", "nothing listens there: start one with `leadrelay serve`, or give --server"),
    ("Socket closed", "it hung up: if it speaks TLS, give --tls, and --certificate where it asks for one"),
    ("lookup", "there is no such host: name the server with --server"),
    ("Failed parsing HTTP/2", "what listens there is no gRPC server: name the server with --server"),
    ("http1.x", "what listens there is no gRPC server: name the server with --server"),
)  # fmt: skip


def advice(error: LeadrelayError) -> str:
    """Empty: none is known."""
    if isinstance(error, Unauthenticated):
        return "here a key is given by --api-key-file FILE or LEADRELAY_API_KEY"
    if isinstance(error, Unimplemented):
        return "it is an older leadrelay than this command, or none"
    if isinstance(error, Unavailable):
        return next((words for sign, words in _UNREACHED if sign in error.message), "")
    return ""
