"""`math` as a helper (behaviour 3.2)."""

import pytest

from leadrelay.core.scope import Scope
from leadrelay.core.template import TemplateError, compile_template


def test_a_sum_prints_like_any_value() -> None:
    scope = Scope({"loan_amount": "$52,200", "months": "12"})
    assert compile_template('{{math "loan_amount / months"}}')(scope) == "4350"
    assert compile_template('{{format (math "loan_amount / 7") "$0,0.00"}}')(scope) == "$7,457.14"
    assert compile_template('{{if (math "months * 2") > 20 then "long" else "short"}}')(scope) == "long"


def test_a_sum_over_no_number_is_nothing() -> None:
    assert compile_template('{{math "words + 1"}}')(Scope({"words": "many"})) == ""
    assert compile_template('{{default (math "words + 1") "?"}}')(Scope({})) == "?"


@pytest.mark.parametrize("call", ["math field", "math 5", 'math "1 +"'])
def test_a_wrong_sum_is_told_when_it_is_compiled(call: str) -> None:
    with pytest.raises(TemplateError, match="expected"):
        compile_template("{{" + call + "}}")
