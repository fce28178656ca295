"""How secrets are named and where they are put, for the messages that tell it."""

import re

PATTERN = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


def environment_variable(name: str) -> str:
    """The environment variable that may hold a secret."""
    return "LEADRELAY_SECRET_" + re.sub(r"[^A-Z0-9]", "_", name.upper())


def how_to_store(name: str) -> str:
    return (
        f"To store it, write it into the file {name} of the folder given with `--secrets DIR`, "
        f"or into the environment variable {environment_variable(name)}"
    )


HOW_TO_STORE = how_to_store("NAME")
