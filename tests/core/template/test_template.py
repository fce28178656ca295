"""Templates as a catalog writes them (behaviour 3.2)."""

import re
from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.fields import WELL_KNOWN, types_of
from leadrelay.core.scope import Scope
from leadrelay.core.template import TemplateError, TemplateFault, TemplateKind, compile_template
from leadrelay.core.values import Value

FIELDS = {
    "first_name": "Ann",
    "last_name": "Lee",
    "phone_1": "5125550123",
    "state": "ca",
    "loan_amount": "$52,400",
    "postal_code": "02134",
    "note": '  <b> & "q"  ',
    "blank": " ",
    "401k": "yes",
    "First Name": "Anna",
}
NESTED = {
    "cars": [{"make": "Ford", "wheels": [1, 2]}, {"make": "VW", "wheels": []}],
    "count": 3,
    "flag": False,
}


def a_scope() -> Scope:
    return Scope(FIELDS, NESTED)


def render(source: str) -> Value:
    return compile_template(source)(a_scope())


def test_the_forms_of_the_brief_work_exactly_as_written() -> None:
    assert render("{{first_name}} {{last_name}}") == "Ann Lee"
    assert render('{{format phone_1 "(###) ###-####"}}') == "(512) 555-0123"
    assert render('{{if state "CA" then "California" else state}}') == "California"


def test_a_literal_stays_as_it_is() -> None:
    template = compile_template("  plain } text ")
    assert template.kind is TemplateKind.LITERAL
    assert template(a_scope()) == "  plain } text "


def test_one_variable_keeps_its_type() -> None:
    for source in ("{{cars.0.wheels}}", "{{ cars.0.wheels }}", "{{{cars.0.wheels}}}", "{{&cars.0.wheels}}"):
        template = compile_template(source)
        assert template.kind is TemplateKind.VARIABLE
        assert template(a_scope()) == [1, 2]
    assert render("{{count}}") == 3
    assert render("{{flag}}") is False
    assert render("{{missing}}") is None


def test_everything_else_is_a_text_without_outer_white_space() -> None:
    assert render(" {{count}} ") == "3"
    assert render("{{note}}.") == '<b> & "q"  .'  # and nothing is escaped for HTML
    assert render("{{missing}}{{blank}}") == ""
    assert compile_template("x{{count}}").kind is TemplateKind.TEMPLATE


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ('{{if state "TX" then "Texas"}}', ""),
        ('{{if state "TX" then "Texas" else if state "CA" then "California" else "?"}}', "California"),
        ("{{if loan_amount 52400 then 1 else 2}}", "1"),  # numbers and their text alike
        ('{{if loan_amount "52,400.00" then 1 else 2}}', "1"),
        ("{{if first_name then 1 else 2}}", "1"),  # not blank
        ("{{if blank then 1 else 2}}", "2"),
        ("{{if flag then 1 else 2}}", "2"),
        ("{{if missing then 1 else 2}}", "2"),
        ("{{if loan_amount > 50000 then 1 else 2}}", "1"),
        ("{{if loan_amount <= 52400 and count >= 3 then 1 else 2}}", "1"),
        ("{{if loan_amount < 5 or not missing then 1 else 2}}", "1"),
        ('{{if not (state == "CA" and count != 3) then 1 else 2}}', "1"),
        ("{{if missing > 1 then 1 else 2}}", "2"),
        ("{{if missing < 1 then 1 else 2}}", "2"),
        ("{{if postal_code 02134 then 1 else 2}}", "1"),
        ("{{if first_name then uppercase first_name else last_name}}", "ANN"),
        ('{{if (lowercase first_name) "ann" then 1 else 2}}', "1"),
        ('{{if state in ["NY", "CA"] then 1 else 2}}', "1"),
        ("{{if if_not then 1 else 2}}", "2"),
        ('{{if not (state "TX") and (state "CA" or count 4) then 1 else 2}}', "1"),
    ],
)
def test_if_chooses(source: str, rendered: str) -> None:
    assert render(source) == rendered


@pytest.mark.parametrize(
    ("source", "rendered"),
    [
        ('{{#if state "CA"}}yes{{else}}no{{/if}}', "yes"),
        ("{{#if blank}}a{{else if count == 3}}b{{else if state}}c{{else}}d{{/if}}", "b"),
        ("{{#if blank}}a{{^}}b{{/if}}", "b"),
        ("{{#unless flag}}a{{else}}b{{/unless}}", "a"),
        ("{{#each cars}}{{@index}}:{{this.make}}{{#unless @last}}, {{/unless}}{{/each}}", "0:Ford, 1:VW"),
        ("{{#each cars}}{{make}} of {{first_name}};{{/each}}", "Ford of Ann;VW of Ann;"),
        ("{{#each cars}}{{#each wheels}}{{make}}{{this}} {{else}}none{{/each}}{{/each}}", "Ford1 Ford2 none"),
        ("{{#each missing}}x{{else}}empty{{/each}}", "empty"),
        ("{{#each cars.0}}{{@key}} {{/each}}", "make wheels"),
        ("{{#each cars}}{{../first_name}}{{@first}} {{/each}}", "Anntrue Annfalse"),
        ("{{#each cars}}{{#each wheels}}{{../make}}{{this}} {{/each}}{{/each}}", "Ford1 Ford2"),
        (
            "{{#each cars}}{{#each wheels}}{{../this.make}}{{../../first_name}} {{/each}}{{/each}}",
            "FordAnn FordAnn",
        ),
        ('{{#each cars.0.wheels}}{{math "this * count"}} {{/each}}', "3 6"),
        ('{{#each cars}}{{#each wheels}}{{math "this + 1"}}{{/each}}{{/each}}{{math "count"}}', "233"),
        ("{{! a remark }}a{{!-- with }} inside --}}b", "ab"),
        ("a {{~ count ~}} b", "a3b"),
        ("\\{{count}} {{count}}", "{{count}} 3"),
        ("{{lead.first_name}} {{[First Name]}} {{lead.[First Name]}} {{401k}}", "Ann Anna Anna yes"),
        ('{{uppercase (join "-" first_name (lowercase last_name))}}', "ANN-LEE"),
        ('{{join " }} " first_name last_name}}', "Ann }} Lee"),
        ('{{concat "say \\"hi\\" " \'it"s\'}}', 'say "hi" it"s'),
        ("100% {{count}}%", "100% 3%"),
        ("{{count > 2}} {{missing is blank}}", "true true"),
        ("{{-5}} {{1.50}} {{true}} {{null}}.", "-5 1.50 true ."),
    ],
)
def test_blocks_and_details(source: str, rendered: str) -> None:
    assert render(source) == rendered


@pytest.mark.parametrize(
    ("source", "line", "column", "words"),
    [
        ('{{frmat phone_1 "#"}}', 1, 3, "no helper `frmat`; did you mean `format`?"),
        ("a\nb {{first_name", 2, 3, "not closed; expected `}}`"),
        ("{{#if a}}x", 1, 11, "expected `{{/if}}` before the end"),
        ("{{#if a}}x{{/each}}", 1, 11, "expected `{{/if}}` but found `each`"),
        ("{{/if}}", 1, 1, "`{{/if}}` without its beginning"),
        ("{{else}}", 1, 1, "without its beginning"),
        ("{{#iff a}}{{/iff}}", 1, 4, "did you mean `if`?"),
        ("{{if a thn b}}", 1, 12, "expected `then` but found `b`; did you mean `then`?"),
        ("{{if a = 1 then b}}", 1, 8, "found `=`; write `==`"),
        ("{{a && b}}", 1, 5, "write `and`"),
        ("{{lowercase a == 1}}", 1, 15, "put the helper in parentheses"),
        ("{{trim a b}}", 1, 3, "takes 1 value but is given 2"),
        ("{{capitalize a eahc=true}}", 1, 3, "did you mean `each`?"),
        ("{{format a}}", 1, 3, "expected a pattern in quotes"),
        ("{{this}}", 1, 3, "only inside `#each`"),
        ("{{a > 50_000}}", 1, 7, "not a number"),
        ('{{"abc}}', 1, 3, "expected a closing quote"),
        ("{{a $ b}}", 1, 5, "unexpected character `$`"),
        ("{{{a}}", 1, 7, "expected `}}}`"),
        ("{{> header}}", 1, 3, "partials are not supported"),
        ("{{!-- open", 1, 1, "comment is not closed"),
        ("{{if a in b then c}}", 1, 11, "expected `[`"),
        ("{{}}", 1, 3, "expected a value but found `}}`"),
        ("{{" + "(" * 40 + "a" + ")" * 40 + "}}", 1, 35, "nested more than 32 levels"),
        ("{{#if a}}" * 40, 1, 292, "nested more than 32 levels"),
        ("x" * 70_000 + "{{a}}", 1, 1, "longer than 65536 characters"),
        ("{{if a is vald then b}}", 1, 11, "did you mean `valid`?"),
        ('{{if a matches "(" then b}}', 1, 8, "not a regular expression"),
    ],
)
def test_a_syntax_error_says_where_and_what_was_expected(
    source: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(source)
    assert words in caught.value.message
    assert (caught.value.line, caught.value.column) == (line, column)


def test_a_block_tag_on_a_line_of_its_own_leaves_no_line_behind() -> None:
    source = (
        "<cars>\n  {{! all of them }}\r\n  {{#each cars}}\n  <car>{{make}}</car>\n  {{/each}}\n"
        "</cars> {{#if x}}\n!{{/if}}"
    )
    assert render(source) == "<cars>\n  <car>Ford</car>\n  <car>VW</car>\n</cars>"
    assert render("a\n{{count}}\nb") == "a\n3\nb"


def test_a_quote_that_is_escaped_does_not_end_a_text() -> None:
    assert render('{{concat "a\\"b" \'c\\\'d\' "\\d+"}}') == "a\"bc'd\\d+"
    with pytest.raises(TemplateError, match="closing quote"):
        compile_template('{{concat "a' + '\\"' * 500 + "}}")


def test_a_long_chain_of_else_if_is_no_deep_nesting() -> None:
    chain = " else ".join(f'if state "S{number}" then "State {number}"' for number in range(200))
    assert compile_template("{{" + chain + ' else "?"}}')(Scope({"state": "s150"})) == "State 150"


def test_a_template_knows_what_it_reads() -> None:
    template = compile_template(
        '{{#each cars}}{{make}}{{/each}}{{lead.email}}{{format phone_1.raw "#"}}{{if a > b then c}}'
    )
    assert template.paths == {"cars", "make", "lead.email", "phone_1.raw", "a", "b", "c"}
    assert template.fields == {"cars", "make", "email", "phone_1", "a", "b", "c"}


def test_an_escape_touches_what_tags_print_and_nothing_else() -> None:
    template = compile_template(
        "a b/{{note}}/{{#if count}}x y{{/if}}", escape=lambda words: words.replace("b", "%")
    )
    assert template(a_scope()) == 'a b/  <%> & "q"  /x y'
    assert compile_template("{{count}}", escape=lambda words: words + "!")(a_scope()) == "3!"


@pytest.mark.parametrize(
    "source",
    [
        "{{#each big}}{{#each big}}{{#each big}}x{{/each}}{{/each}}{{/each}}",
        "{{long}}" * 40,
        "{{#each big}}{{long}}{{/each}}",
        "{{concat (concat long long long long) (concat long long long long) (concat long long long long)}}"
        * 4,
    ],
)
def test_a_hostile_lead_cannot_make_a_template_render_without_end(source: str) -> None:
    scope = Scope({"long": "x" * 64 * 1024}, {"big": list(range(1000))})
    with pytest.raises(TemplateFault):
        compile_template(source)(scope)


def test_a_template_cannot_reach_into_python() -> None:
    for path in ("first_name.__class__", "cars.__len__", "__class__", "cars.0.make.upper", "lead.__dict__"):
        assert render("{{" + path + "}}") is None


@given(st.text(max_size=200))
def test_no_text_crashes_the_compiler(source: str) -> None:
    with suppress(TemplateError):
        compile_template(source)(a_scope())


_LANGUAGE = """{{ }} {{# {{/ if then else each unless == != > and or not in is blank [ ] ( ) , . ~ =
    state cars count this @index "CA" 5 -2.5 format lowercase default join "(###)" between starts with"""
_WORDS = st.sampled_from(re.findall(r"\S+|\n", _LANGUAGE))


@given(st.lists(_WORDS, max_size=30).map(" ".join))
def test_no_heap_of_the_languages_own_words_crashes_it(source: str) -> None:
    for text in (source, "{{" + source + "}}"):
        with suppress(TemplateError):
            compile_template(text)(a_scope())


@given(st.text(st.characters(exclude_characters="{}\\", exclude_categories=["Cs"])), st.text())
def test_any_text_round_a_tag_and_any_value_in_it_come_through(around: str, value: str) -> None:
    rendered = compile_template(f"{around}|{{{{v}}}}|{around}")(Scope({"v": value}))
    assert rendered == f"{around}|{value}|{around}".strip()


def test_numbers_in_a_template_are_exact() -> None:
    assert compile_template("{{n}}")(Scope({}, {"n": Decimal("0.10")})) == Decimal("0.10")


TYPES = dict(types_of(WELL_KNOWN))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            "{{phone_1.areacode}}",
            "line 1, column 3: `phone_1` has no part `areacode`; did you mean `area`? (its parts: area,",
        ),
        ("{{lead.dob.yr}}", "column 3: `dob` has no part `yr`; did you mean `year`?"),
        ('x {{math "phone_1.lin + 1"}}', "column 5: `phone_1` has no part `lin`"),
        ("{{loan_amount.cents}}", "(its parts: raw, normal, valid)"),
    ],
)
def test_a_part_that_no_such_field_can_have_is_a_slip(source: str, words: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(source, TYPES)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "source",
    [
        "{{phone_1.area}}",
        "{{dob.age}}",
        "{{phone_1.raw}}",
        "{{product.name}}",
        "{{phone_7.areacode}}",
        "{{a.b}}",
    ],
)
def test_what_may_be_there_is_no_slip(source: str) -> None:
    compile_template(source, TYPES)
    compile_template("{{phone_1.areacode}}", TYPES | {"phone_1.areacode": TYPES["email"]})
    compile_template("{{#each cars}}{{phone_1.areacode}}{{/each}}", TYPES)


@pytest.mark.parametrize("source", ["{{uppercase}}", "{{concat a uppercase}}", "{{if uppercase then 1}}"])
def test_a_helper_without_a_value_is_no_field(source: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(source)
    assert "`uppercase` is a helper and needs a value: `uppercase first_name`" in caught.value.message


def test_a_field_may_be_called_like_a_helper() -> None:
    scope = Scope({"format": "A4"})
    assert compile_template("{{[format]}}")(scope) == compile_template("{{lead.format}}")(scope) == "A4"


def test_a_brace_too_many_is_a_slip_unless_one_was_open() -> None:
    with pytest.raises(TemplateError, match="column 15: this tag ends with three braces but began with two"):
        compile_template("{{first_name}}}")
    with pytest.raises(TemplateError, match="three braces"):
        compile_template('{"a": 1} {{first_name}}}')
    assert render('{"a": {{json state}}}') == '{"a": "ca"}'
    assert render('{"a": {{#if state}}{"b": {{count}}}{{/if}}}') == '{"a": {"b": 3}}'
    assert render("{{{first_name}}} {{first_name}} }") == "Ann Ann }"
    assert render("x{ {{{first_name}}}}") == "x{ Ann}"
    assert render("\\{{{{first_name}}}}") == "{{Ann}}"


def test_a_pipe_is_no_call() -> None:
    with pytest.raises(TemplateError, match=r"found `\|`; a helper comes first: write `uppercase …`"):
        compile_template("{{first_name | uppercase}}")
