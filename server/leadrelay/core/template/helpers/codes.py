"""Helpers that write a value in a code: URL, Base64, JSON, and the hashes that recipients match by.

A blank stays one, so that `default` and `required` see it; only `json` has a word for it.
"""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from urllib.parse import quote

from leadrelay.core.template.registry import helper
from leadrelay.core.values import Value, is_blank, text, to_json


@helper(('{{urlencode "a b&c=d/é"}}', "a%20b%26c%3Dd%2F%C3%A9"))
def urlencode(value: Value) -> Value:
    """Percent-encoded, with `%20` for a space.

    Bodies, queries and the tags of a `url` are encoded by themselves; this is for a URL inside a value.
    """
    return None if is_blank(value) else quote(text(value), safe="", errors="replace")


@helper(('{{base64 "Ann:Lee"}}', "QW5uOkxlZQ=="))
def base64(value: Value) -> Value:
    """Its UTF-8 bytes in Base64."""
    return None if is_blank(value) else b64encode(_bytes(text(value))).decode()


@helper(("{{json 12.50}}", "12.50"), ("{{json missing}}", "null"), ('{{json "it\'s"}}', '"it\'s"'))
def json(value: Value) -> Value:
    """As JSON, for a body that is a template; a text gets its quotes."""
    return to_json(value).decode(errors="replace")


def _bytes(printed: str) -> bytes:
    return printed.encode(errors="replace")


def _hashed(algorithm: str, values: tuple[Value, ...], salt: Value, encoding: Value) -> Value:
    """All values hashed as one, behind the salt. Blanks have no hash: they would all be the same lead."""
    if all(is_blank(value) for value in values):
        return None
    content = "".join([text(salt), *map(text, values)])
    digest = hashlib.new(algorithm, _bytes(content), usedforsecurity=False)
    return b64encode(digest.digest()).decode() if encoding == "base64" else digest.hexdigest()


def _hash(algorithm: str, example: str) -> Callable[..., Value]:
    def hashed(value: Value, *values: Value, salt: Value = None, encoding: Value = "hex") -> Value:
        """A hash of a value, or of several as one; of nothing but blanks there is none.

        - `salt="…"`: goes before the values.
        - `encoding="base64"`: instead of hex.
        """
        return _hashed(algorithm, (value, *values), salt, encoding)

    choices = {"encoding": ("hex", "base64")}
    shown = (f'{{{{{algorithm} "ann@example.com"}}}}', example)
    return helper(shown, name=algorithm, choices=choices)(hashed)


md5 = _hash("md5", "257c57037d384ae37ea27a07e8a01665")

sha1 = _hash("sha1", "85e20fa15f500fa17c1b6975c6647445094c26d9")

sha256 = _hash("sha256", "71d4f55f72fa128dfb468a1a3901507c804b74316488744d769d7f4b16696476")

sha512 = _hash(
    "sha512",
    "0ed2ff10f73029df147c19f5fc5ec3e2fa05ab785ee386e7486833205daf4728"
    "14cc27b240c0f2822d00e7ff2cbce6de8cefa087e641852670b247f088ffa877",
)
