"""A secret in the hands of a signer: read when first needed, when it was changed, and when it was refused.

A destination whose secret is missing fails its own attempts, with words that say what to do, and
works as soon as the secret is there; it keeps no server from starting.
"""

import re

from leadrelay.auth.secrets import SecretError, Secrets
from leadrelay.core.errors import NotSent
from leadrelay.core.outcome import ReasonCode

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class Credential:
    """One line of text, such as a key, a password or a token."""

    def __init__(self, secrets: Secrets, name: str) -> None:
        self._secrets, self._name = secrets, name
        self._value: str | None = None
        self._edition = 0  # of the value

    def value(self) -> str:
        """The secret, not older than its last known change. Raises NotSent with code `auth`."""
        if self._value is None or self._edition != self._secrets.edition(self._name):
            return self.fresh()
        return self._value

    def fresh(self) -> str:
        """The secret as it is now. Raises NotSent with code `auth`."""
        self._value, self._edition = None, self._secrets.edition(self._name)
        try:
            value = self._secrets.get(self._name)
        except SecretError as error:
            raise NotSent(ReasonCode.AUTH, str(error)) from error
        if _CONTROL.search(value):
            words = (
                f"the secret {self._name} has a line break or a control character inside; it must be one line"
            )
            raise NotSent(ReasonCode.AUTH, words)
        self._value = value
        return value
