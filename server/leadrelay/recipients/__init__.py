"""Sample recipients: small real HTTP servers to deliver to, for the demo, the bench and the tests.

They stand apart from the rest of leadrelay and import nothing of it: a partner that shared our code would
share our mistakes, and prove nothing.
"""

from leadrelay.recipients.http_server import CannotListenError
from leadrelay.recipients.reception import main_async, serve_all

__all__ = ["CannotListenError", "main_async", "serve_all"]
