"""The catalog's own wordings come before the usual ones (behaviour 6)."""

import pytest

from leadrelay.core.exchange import Reply
from leadrelay.core.outcome import Kind, ReasonCode
from leadrelay.core.reading import CodeRule, ReadingRule, ReadingSpec, compile_reading
from leadrelay.core.reading.codes import SAID, Codes, compile_code
from leadrelay.core.values import NotCompiled

OURS = (
    CodeRule(matches=r"^e-?17\b", code=ReasonCode.HOURS),
    CodeRule(matches="dup", code=ReasonCode.OTHER),
    CodeRule(matches="stale|kalt", code=ReasonCode.NOT_ELIGIBLE),
)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("E17: asleep", ReasonCode.HOURS),
        ("Duplicate", ReasonCode.OTHER),  # although the usual wordings know it
        ("Zu KALT", ReasonCode.NOT_ELIGIBLE),
        ("Daily cap reached", ReasonCode.CAP_EXCEEDED),
        ("hm", None),
        ("", None),
    ],
)
def test_the_first_rule_that_matches_decides_and_else_the_usual_wording(
    words: str, code: ReasonCode | None
) -> None:
    assert Codes([compile_code(rule) for rule in OURS]).of(words) is code


def test_a_rule_of_the_reading_that_names_a_code_comes_before_all() -> None:
    rule = ReadingRule(outcome=Kind.HARD_REJECT, code=ReasonCode.PRICE)
    reading = compile_reading(ReadingSpec(rules=(rule,), codes=OURS))
    assert reading.read(Reply(status=200, body=b'{"reason":"stale"}')).code is ReasonCode.PRICE


def test_a_status_that_says_enough_by_itself_still_lets_the_catalog_say_more() -> None:
    reading = compile_reading(ReadingSpec(codes=OURS))
    assert reading.read(Reply(status=429, body=b'{"reason":"e17"}')).code is ReasonCode.HOURS
    assert reading.read(Reply(status=429, body=b'{"reason":"Invalid"}')).code is ReasonCode.CAP_EXCEEDED


def test_words_come_to_what_recipients_can_say() -> None:
    assert ReasonCode.DUPLICATE in SAID
    assert ReasonCode.NOT_ELIGIBLE in SAID
    assert ReasonCode.OTHER in SAID
    assert ReasonCode.DNS not in SAID
    assert ReasonCode.CAP_FULL not in SAID


@pytest.mark.parametrize("pattern", ["", " ", "(", "a" * 1001])
def test_what_is_no_pattern_is_refused(pattern: str) -> None:
    with pytest.raises(NotCompiled, match="regular expression"):
        compile_reading(ReadingSpec(codes=(CodeRule(matches=pattern, code=ReasonCode.OTHER),)))
