"""Helpers of other template languages (behaviour 3.2): the error says what is written here."""

import pytest

from leadrelay.core.template import TemplateError, compile_template


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ('{{#if (eq state "CA")}}x{{/if}}', "column 8: there is no helper `eq`; write `a == b`"),
        ("{{uppercase (gte age 5)}}", "there is no helper `gte`; write `a >= b`"),
        ('{{if (is_equal state "CA") then 1}}', "there is no helper `is_equal`; write `a == b`"),
        ('{{formatDate dob "YYYY"}}', "there is no helper `formatDate`; write `format`"),
        ("{{add loan_amount 5}}", 'there is no helper `add`; write `math "a + b"`'),
        ("{{coalesce city state}}", "there is no helper `coalesce`; write `default a b`"),
        (
            '{{#ifEquals state "CA"}}x{{/ifEquals}}',
            "expected `#if`, `#unless` or `#each`; write `{{#if a == b}}`",
        ),
        ("{{#unles state}}x{{/unles}}", "expected `#if`, `#unless` or `#each`; did you mean `unless`?"),
        ("{{upper city}}", "there is no helper `upper`; did you mean `uppercase`?"),
    ],
)
def test_a_helper_of_others_is_told_in_our_words(source: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(source)
    assert message in str(caught.value)
