"""`now` (behaviour 3.2): the time is handed in."""

from leadrelay.core.scope import Scope
from leadrelay.core.template import compile_template


def test_a_scope_that_knows_no_time_has_none() -> None:
    assert compile_template("{{now}}")(Scope({})) == ""
    assert compile_template('{{default (now "YYYY") "never"}}')(Scope({})) == "never"


def test_a_lead_field_named_now_is_still_there() -> None:
    assert compile_template("{{lead.now}}")(Scope({"now": "theirs"}, now=0)) == "theirs"


def test_the_epoch_is_a_time_like_any_other() -> None:
    assert compile_template("{{now}} x")(Scope({}, now=0)) == "1970-01-01T00:00:00+00:00 x"
