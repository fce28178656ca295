"""Tags that read sensitive fields are shown as `***`, and what they print is told to whoever hides it."""

from urllib.parse import quote

import pytest

from leadrelay.core.fields import SENSITIVE, WELL_KNOWN, types_of
from leadrelay.core.scope import Scope
from leadrelay.core.template import Template, compile_template

FIELDS = {"ssn": "078-05-1120", "dob": "3/9/1988", "state": "CA", "pin": "4711", "cvv": ""}
NESTED = {"spouse": {"ssn": "219-09-9999", "name": "Bo"}, "people": [{"ssn": "457-55-5462"}]}


def compiled(source: str) -> Template:
    def escape(words: str) -> str:
        return quote(words, safe="")

    return compile_template(source, types_of(WELL_KNOWN), escape, SENSITIVE)


def a_scope() -> Scope:
    return Scope(FIELDS, NESTED)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("/{{state}}/{{ssn}}", "/CA/***"),
        ("/{{md5 ssn}}", "/***"),
        ("{{substring ssn 8 11}}", "***"),
        ("?a={{ssn.first_three}}&b={{state}} {{lead.dob.year}}", "?a=***&b=CA ***"),
        ('{{if dob.age > 60 then "old" else "young"}}', "***"),
        ("{{#if state}}{{format ssn '###-##-####'}}{{/if}}", "***"),
        ("{{spouse.ssn}} of {{spouse.name}}", "*** of Bo"),
        ("{{#each people}}{{ssn}}{{/each}}", "***"),
        ("{{#each people}}{{md5 this.ssn}}{{/each}}/{{state}}", "***/CA"),
        ("{{#each people}}{{#each this.nobody}}{{this.Ssn}}{{/each}}{{/each}}x", "x"),
        ("{{#unless pin}}none{{/unless}}x", "x"),
        ("{{cvv}}/{{state}}", "/CA"),
    ],
)
def test_a_tag_that_reads_a_sensitive_field_is_shown_as_a_mask(source: str, shown: str) -> None:
    assert compiled(source).shown(a_scope()) == shown


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("/{{state}}/{{substring ssn 6 9}}", ["1120"]),
        ("{{dob}} {{ssn.last_four}}", ["1988-03-09", "1120"]),
        ('{{concat "x" pin}}', ["x4711"]),
        ("{{ssn.first_three}}{{ssn.middle_two}}", ["078", "05", "07805"]),
        ("A{{pin}}/{{state}}", ["4711", "A4711"]),
        ("{{state}}{{pin}}-{{cvv}}", ["4711", "CA4711"]),
        ("no. {{pin}}, or so", ["4711"]),
        ("{{format dob 'MM/DD/YYYY'}}", ["03/09/1988"]),
        ("{{people.0}}", ["457-55-5462"]),
        ("{{#if state}}no. {{pin}}{{/if}}", ["no. 4711", "4711"]),
        ("{{#if state}}{{#if city}}a{{else}}{{pin}} x{{/if}}{{/if}}", ["4711 x", "4711 x", "4711"]),
        ("{{#each spouse}}{{@key}} {{lead.pin}}, {{/each}}", ["ssn 4711, name 4711, ", "4711", "4711"]),
        ("{{#if city}}{{pin}}{{/if}}", []),
    ],
)
def test_what_such_tags_make_of_a_lead_is_told_before_any_escape(source: str, told: list[str]) -> None:
    template = compile_template(source, types_of(WELL_KNOWN), sensitive={*SENSITIVE, "people"})
    assert template.told(a_scope()) == told


def test_a_word_of_the_template_itself_tells_no_value() -> None:
    """Or every `true` of a reply would be masked, because a sensitive field decided whether to send one."""
    assert compiled('{{if ssn is blank then "true" else "false"}}').told(a_scope()) == []
    assert compiled("{{ssn is not blank}}").told(a_scope()) == []
    assert compiled('{{default cvv "none"}}').told(a_scope()) == []


def test_a_template_without_sensitive_fields_is_shown_as_it_is() -> None:
    template = compiled("/{{state}}/{{spouse.name}}")
    assert template.taint is None
    assert template.shown(a_scope()) == template(a_scope()) == "/CA/Bo"


def test_telling_leaves_no_second_warning_and_uses_up_no_rounds() -> None:
    scope = a_scope()
    template = compiled("{{format ssn '##'}}{{#each people}}{{ssn}}{{/each}}")
    template(scope)
    before = len(scope.warnings), scope.steps
    template.told(scope)
    assert (len(scope.warnings), scope.steps) == before == (1, 1)


def test_what_a_block_prints_of_each_item_is_told_by_itself() -> None:
    people = [{"ssn": "457-55-5462", "name": "Bo"}, {"ssn": "219-09-9999", "name": "Al"}]
    scope = Scope({}, {"persons": people})
    told = compiled("{{#each persons}}{{name}} {{substring this.ssn 1 6}}; {{/each}}").told(scope)
    assert told == ["Bo 457-55; Al 219-09; ", "457-55", "219-09"]
    assert scope.locals == []
