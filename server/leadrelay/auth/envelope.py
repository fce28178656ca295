"""An envelope for each secret: its value under a data key of its own, that under a key of ours (behaviour 9).

Both with AES-256-GCM. A data key is made for one value and never used for another, so a new key of ours
costs a few bytes written anew for each secret, and no value is opened for it. Name, version and time are
bound to both ciphertexts: what was changed, cut short, or moved to the row of another secret is refused.
"""

import json
import os
from dataclasses import replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from leadrelay.auth.keyring import KEY_BYTES, Key
from leadrelay.auth.secrets import SecretError
from leadrelay.core.sealed import Sealed

NONCE_BYTES = 12


class DamagedSecret(SecretError):
    """What is stored is not what we stored; storing the value again mends it."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"the secret {name} is damaged in the store, or somebody has changed it there; "
            f"store it again with `leadrelay secrets put {name}`"
        )


def seal(name: str, value: str, *, version: int, at: int, key: Key) -> Sealed:
    """A value in its envelope."""
    data_key = os.urandom(KEY_BYTES)
    empty = Sealed(name=name, version=version, updated_at=at, key_id=key.id, data_key=b"", content=b"")
    return replace(
        empty,
        data_key=_encrypt(key.raw, data_key, _bound_to_key(empty)),
        content=_encrypt(data_key, value.encode(), _bound_to_value(empty)),
    )


def unseal(sealed: Sealed, key: Key) -> str:
    """The value. Raises DamagedSecret."""
    try:
        return _decrypt(_data_key(sealed, key), sealed.content, _bound_to_value(sealed)).decode()
    except (InvalidTag, ValueError):
        raise DamagedSecret(sealed.name) from None


def rewrap(sealed: Sealed, key: Key, new: Key) -> Sealed:
    """The same envelope with its data key under a new key. Raises DamagedSecret."""
    try:
        data_key = _data_key(sealed, key)
    except (InvalidTag, ValueError):
        raise DamagedSecret(sealed.name) from None
    moved = replace(sealed, key_id=new.id)
    return replace(moved, data_key=_encrypt(new.raw, data_key, _bound_to_key(moved)))


def _data_key(sealed: Sealed, key: Key) -> bytes:
    return _decrypt(key.raw, sealed.data_key, _bound_to_key(sealed))


def _encrypt(key: bytes, plain: bytes, bound: bytes) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plain, bound)


def _decrypt(key: bytes, sealed: bytes, bound: bytes) -> bytes:
    """Raises InvalidTag, and ValueError for what is too short to have been encrypted."""
    return AESGCM(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound)


def _bound_to_key(sealed: Sealed) -> bytes:
    return _bound("data key", sealed.key_id, sealed.name, sealed.version, sealed.updated_at)


def _bound_to_value(sealed: Sealed) -> bytes:
    return _bound("value", sealed.name, sealed.version, sealed.updated_at)


def _bound(*parts: str | int) -> bytes:
    """As JSON, so that no two lists of parts are the same bytes."""
    return json.dumps(["leadrelay secret 1", *parts]).encode()
