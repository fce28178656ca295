"""`now` (behaviour 3.2): the time is handed in."""

import pytest

from leadrelay.core.scope import Scope
from leadrelay.core.template import TemplateError, compile_template


def test_a_scope_that_knows_no_time_has_none() -> None:
    assert compile_template("{{now}}")(Scope({})) == ""
    assert compile_template('{{default (now "YYYY") "never"}}')(Scope({})) == "never"


def test_a_lead_field_named_now_is_still_there() -> None:
    assert compile_template("{{lead.now}}")(Scope({"now": "theirs"}, now=0)) == "theirs"


def test_the_epoch_is_a_time_like_any_other() -> None:
    assert compile_template("{{now}} x")(Scope({}, now=0)) == "1970-01-01T00:00:00+00:00 x"


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ("0,0", "`0,0` has no token of a date or time; write one such as `MM/DD/YYYY`"),
        ("%Y-%m-%d", "write `YYYY-MM-DD`"),
        ("mm/dd/yyyy", "write `MM/DD/YYYY`"),
    ],
)
def test_a_shape_that_is_none_of_ours_is_told_when_it_is_compiled(shape: str, words: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template('{{now "' + shape + '"}}')
    assert words in caught.value.message
