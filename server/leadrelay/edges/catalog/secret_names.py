"""How secrets are named and where they are put, for the messages that tell it."""

from leadrelay.auth.secrets import NAME as PATTERN
from leadrelay.auth.secrets import variable

__all__ = ["HOW_TO_STORE", "PATTERN", "how_to_store"]


def how_to_store(name: str) -> str:
    """What to do for a secret of this name to exist."""
    return (
        f"To store it, run `leadrelay secrets put {name}`, or write it into the file {name} of the folder "
        f"given with `--secrets DIR`, or into the environment variable {variable(name)}"
    )


HOW_TO_STORE = how_to_store("NAME")
