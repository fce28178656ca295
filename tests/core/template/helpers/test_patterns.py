"""Replacing and extracting (behaviour 3.2), in linear time."""

import time

import pytest

from leadrelay.core.scope import Scope
from leadrelay.core.template import TemplateError, TemplateFault, compile_template
from leadrelay.core.values import Value


def render(source: str, v: str = "") -> Value:
    return compile_template(source)(Scope({"v": v, "with": "W", "dash": "-"}))


@pytest.mark.parametrize(
    ("source", "v", "printed"),
    [
        ('{{replace v "-" ""}}', "1-2-3", "123"),
        ("{{replace v dash with}}", "1-2", "1W2"),
        ('{{replace v "" "x"}}', "abc", "abc"),
        ('{{replace v (regexp "\\s+") " "}}', "a \t b", "a b"),
        ('{{replace v regexp("[aeiou]", "gi") "*"}}', "Anne", "*nn*"),
        ('{{replace v "regexp([^0-9]+)"}}', "+1 (512)", "1512"),
        ('{{replace v (regexp "(a)(b)?") "<$1|$2|$&|$$|$9>"}}', "a", "<a||a|$|$9>"),
        ('{{replace v (regexp "x*") "-"}}', "ab", "-a-b-"),
        ('{{replace v (regexp "é") "e"}}', "café é", "cafe e"),
        ('{{extract v (regexp "(\\d+) of")}}', "3 of 4", "3"),
        ('{{extract v "\\d"}}', "3 of 4", "3 4"),
        ('{{extract v "z"}}', "3 of 4", ""),
        ('{{default (extract v "(z)") "none"}}', "3 of 4", "none"),
        ('{{regexp "a+"}}', "", "a+"),
    ],
)
def test_texts_and_expressions_are_found(source: str, v: str, printed: str) -> None:
    assert render(source, v) == printed


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ('{{replace v (regexp "(") ""}}', "not a regular expression"),
        ("{{replace v (regexp with) 1}}", "in quotes"),
        ('{{replace v (regexp "a" "x") ""}}', "no flags"),
        (
            '{{replace v "regexp([a-z]+"}}',
            "`regexp([a-z]+` is no expression; write `regexp(…)`, with",
        ),
        ('{{extract v "regex([a-z]+)"}}', "write `regexp(…)`"),
        ('{{extract v "("}}', "not a regular expression"),
        ("{{extract v 5}}", "in quotes"),
        ('{{replace v (regexp "(?=a)") ""}}', "not a regular expression"),
        ('{{extract v "' + "a" * 1001 + '"}}', "1000 characters"),
        ('{{extract v "((a{100}){100}){100}"}}', "not a regular expression"),
    ],
)
def test_a_wrong_expression_is_told_when_it_is_compiled(source: str, words: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(source)
    assert words in caught.value.message


def test_an_expression_that_would_backtrack_for_ever_elsewhere_is_done_at_once() -> None:
    began = time.process_time()
    assert render('{{extract v "^(a+)+$"}}', "a" * 50_000 + "b") == ""
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "source",
    [
        '{{replace v "a" v}}',
        '{{replace v (regexp "a") v}}',
        '{{replace v (regexp "a+") "$&$&$&$&$&$&$&$&$&$&$&$&$&$&$&$&$&"}}',
    ],
)
def test_a_replacement_cannot_grow_without_end(source: str) -> None:
    with pytest.raises(TemplateFault):
        render(source, "a" * 64 * 1024)
