"""How secrets are named and where they are put, for the messages that tell it."""

import re

from leadrelay.auth.secrets import variable

PATTERN = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")


def how_to_store(name: str) -> str:
    """What to do for a secret of this name to exist."""
    return (
        f"To store it, write it into the file {name} of the folder given with `--secrets DIR`, "
        f"or into the environment variable {variable(name)}"
    )


HOW_TO_STORE = how_to_store("NAME")
