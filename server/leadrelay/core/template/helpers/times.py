"""`now`: when a lead is delivered. Templates have no clock; the scope is handed the time."""

from leadrelay.core.scope import Read, Scope
from leadrelay.core.template.helpers.formats import UNITS, moment_shape, movement, time_zone, written
from leadrelay.core.template.moments import Moment, from_epoch, in_zone
from leadrelay.core.template.registry import BadCall, Call, prepared
from leadrelay.core.values import Value, text


@prepared(
    ("{{now}}", "2023-11-14T22:13:20+00:00"),
    ('{{now "MM/DD/YYYY"}}', "11/14/2023"),
    ('{{now format="h:mm a" timezone="America/Chicago"}}', "4:13 pm"),
    ('{{now "YYYY-MM-DD" operator="subtract" days=30}}', "2023-10-15"),
    name="now",
    takes=(0, 1),
    options=("format", "timezone", "operator", *UNITS),
)
def now(call: Call) -> Read:
    """The time at which the delivery began, in ISO 8601 or in the shape of date tokens.

    It is UTC unless it is told a zone, and the same wherever one delivery asks for it.

    - `format="…"`: the shape, for those who name it.
    - `timezone="America/Chicago"`: as the clocks there show it.
    - `operator="add"` or `operator="subtract"` with `years`, `months`, `weeks`, `days`, `hours`, `minutes` or
      `seconds`: another time, so far away.
    """
    if call.arguments and not call.arguments[0].constant:
        raise BadCall('expected a pattern in quotes, such as "YYYY-MM-DD"')
    pattern = text(call.arguments[0].value) if call.arguments else call.constant_option("format")
    write = moment_shape(pattern) if pattern else written
    place, move = time_zone(call), movement(call)

    def read(scope: Scope) -> Value:
        if scope.now is None:
            return None
        moment: Moment | None = from_epoch(scope.now)
        if moment is not None and place is not None:
            moment = in_zone(moment, place)
        if moment is not None and move is not None:
            moment = move(scope, moment)
        return None if moment is None else write(moment)

    return read
