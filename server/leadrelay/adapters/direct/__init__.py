"""Another leadrelay as a recipient: its `Deliver` called over HTTP/2, without a thread and without grpcio.

grpcio's channel resolves and dials by itself, so that no address could be judged before it is dialled, and
it answers a connection that broke with one status, whether the peer had read the lead or not. Here the lead
leaves over a connection of our own dialer (`channel`), h2 speaks the protocol (`http2`), and what a stream
broke of is known: a peer that goes away names the last call that it looked at.
"""

from leadrelay.adapters.direct.adapter import DirectAdapter as DirectAdapter
from leadrelay.adapters.direct.adapter import authority as authority
from leadrelay.adapters.direct.channel import Channel as Channel
from leadrelay.adapters.direct.wire import DirectWire as DirectWire
