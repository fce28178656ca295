"""A secret as it is kept: nothing of it can be read without a key that is kept elsewhere (behaviour 9)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """One value under a data key of its own, and that data key under a key of ours."""

    name: str
    version: int  # of this name's value, from 1
    updated_at: int  # nanoseconds since the epoch, when the value was stored
    key_id: str  # of the key that the data key is under
    data_key: bytes = field(repr=False)
    content: bytes = field(repr=False)
