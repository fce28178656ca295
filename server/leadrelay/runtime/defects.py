"""Reports a defect of ours without the values that ran into it.

An exception's message may quote a lead or a credential, so the log gets its type and the places
in the code, which are what is needed to mend it.
"""

import logging
import traceback

log = logging.getLogger("leadrelay.runtime")


def report(where: str, error: BaseException) -> None:
    """Log a defect: where it struck, the type of the exception and its frames."""
    frames = traceback.extract_tb(error.__traceback__)
    places = " < ".join(f"{frame.name} ({frame.filename}:{frame.lineno})" for frame in reversed(frames))
    what = f"{type(error).__name__} in {places}".replace("%", "%%")
    log.error(f"%s: {what}", where)  # so lines of one defect are alike but for where it struck
