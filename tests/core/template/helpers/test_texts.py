"""Helpers on texts (behaviour 3.2)."""

import pytest

from leadrelay.core.scope import Scope
from leadrelay.core.template import TemplateError, TemplateFault, compile_template

NESTED = {"list": ["a", None, " ", "b"], "n": 2}
FIELDS = {"v": "abcdef", "name": " Ann  Lee ", "blank": " "}


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("{{substring v 2 4}}", "bcd"),
        ("{{substring v 1 1}}", "a"),
        ("{{substring v 0 2}}", "ab"),
        ("{{substring v 5 99}}", "ef"),
        ("{{substring v 9}}", ""),
        ("{{substring v 4 2}}", ""),
        ("{{substring v -2}}", "ef"),
        ("{{substring v 2 -2}}", "bcde"),
        ("{{substring v n}}", "bcdef"),
        ("{{substring v missing}}", ""),
        ("{{substring v 1.5}}", ""),
        ("{{substring missing 1 2}}", ""),
        ('{{split v ""}}', "a,b,c,d,e,f"),
        ('{{split v "cd" 3}}', ""),
        ('{{split name " " 1}}', ""),
        ('{{split (trim name) " " -1}}', "Lee"),
        ('{{#each (split "a,b" ",")}}<{{this}}>{{/each}}', "<a><b>"),
        ('{{join "-" list "" "c"}}', "a-b-c"),
        ("{{concat list v}}", "a babcdef"),
        ("{{default blank missing list}}", "a,, ,b"),
        ("{{default missing}}", ""),
        ("{{capitalize missing}}{{lowercase missing}}{{trim missing}}", ""),
        ('{{capitalize "o\'NEIL mcDonald" each=true}}', "O'NEIL McDonald"),
        ("{{uppercase n}}", "2"),
    ],
)
def test_texts_are_cut_and_joined(source: str, printed: str) -> None:
    assert compile_template(source)(Scope(FIELDS, NESTED)) == printed


@pytest.mark.parametrize(
    "source", ["{{join long list}}", "{{concat list list}}", "{{uppercase (join long list)}}"]
)
def test_no_text_is_joined_beyond_the_limit(source: str) -> None:
    scope = Scope({"long": "x" * 64 * 1024}, {"list": ["y" * 60_000] * 20})
    with pytest.raises(TemplateFault, match="more than"):
        compile_template(source)(scope)


def test_every_word_has_a_capital_or_the_catalog_is_told_why_not() -> None:
    assert compile_template('{{capitalize v each="true"}}')(Scope({"v": "new york"})) == "New York"
    assert compile_template("{{capitalize v each=false}}")(Scope({"v": "new york"})) == "New york"
    for wrong in ('"yess"', "1", "v"):
        with pytest.raises(TemplateError, match="the option `each` is true or false"):
            compile_template("{{capitalize v each=" + wrong + "}}")
