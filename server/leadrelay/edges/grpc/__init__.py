"""gRPC, served inside trio.

`bridge` carries calls and knows nothing of leads; `health` and `reflection` are the two standard
services that every server has; what is ours stands on those three.
"""
