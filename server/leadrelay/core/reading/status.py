"""What a status code means where nobody says otherwise (behaviour 6)."""

from leadrelay.core.outcome import Kind, ReasonCode

_SOFT = {
    408: ReasonCode.UNAVAILABLE,
    425: ReasonCode.UNAVAILABLE,
    429: ReasonCode.CAP_EXCEEDED,
    503: ReasonCode.UNAVAILABLE,
}
_HARD = {400: ReasonCode.INVALID_DATA, 409: ReasonCode.DUPLICATE, 422: ReasonCode.INVALID_DATA}


def by_status(status: int) -> tuple[Kind, ReasonCode | None]:
    """The outcome of a reply by its status alone."""
    if 200 <= status < 300:
        return Kind.SUCCESS, None
    if status in _SOFT:
        return Kind.SOFT_REJECT, _SOFT[status]
    if status in (401, 403):
        return Kind.SYSTEM_ERROR, ReasonCode.UNAUTHORIZED
    if 400 <= status < 500:
        return Kind.HARD_REJECT, _HARD.get(status, ReasonCode.OTHER)
    if status in (502, 504):
        return Kind.SYSTEM_ERROR, ReasonCode.UNAVAILABLE
    return Kind.SYSTEM_ERROR, ReasonCode.PROTOCOL if status < 400 else ReasonCode.OTHER
