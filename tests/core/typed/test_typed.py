"""What holds for all types (behaviour 3.4), and what a catalog gets by handing them to what it compiles."""

import csv
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.condition import compile_condition
from leadrelay.core.fields import READERS, WELL_KNOWN, Field, FieldType, known_fields, types_of
from leadrelay.core.mapping import PassThrough, Rule, compile_mapping
from leadrelay.core.scope import Scope
from leadrelay.core.template import compile_template
from leadrelay.core.values import Typed, text

LEADS = Path(__file__).parents[3] / "examples" / "leads.csv"
TYPES = types_of(WELL_KNOWN)

# Texts that have a chance to be read, near misses included.
SHAPES = {
    FieldType.PHONE: (
        r"(\+?[0-9]{1,3}[- .]?)?\(?[0-9]{3}\)?[- .]?[0-9]{3}[- .]?[0-9]{2,5}"
        r"( ?(x|ext\. )[0-9]{1,8})?( ?[hwcm])?"
    ),
    FieldType.NUMBER: (r"[-+(]?\$?-?([0-9]{1,3}(,[0-9]{3}){0,3}|[0-9]{1,70})?(\.[0-9]{0,3})? ?[k%]?\)?"),
    FieldType.BOOLEAN: r" ?(y|Yes|TRUE|t|1|n|no|f|0|on) ?",
    FieldType.DATE: (
        r"([0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|[0-9]{8}|(Jan|May|June) [0-9]{1,2}, [0-9]{4})"
        r"([T ][0-9]{2}:[0-9]{2})?"
    ),
    FieldType.DOB: r"([01]?[0-9]/[0-3]?[0-9]/(19|20)?[0-9]{2}|[0-9]{1,2}-(Jan|MAY|dec)-[0-9]{2})",
    FieldType.TIME: (
        r"((19|20)[0-9]{2}-[01][0-9]-[0-3][0-9][T ])?[0-9]{1,2}(:[0-9]{2}){0,2}(\.[0-9]{1,9})?"
        r"( ?[ap]m)?(Z|[-+][0-9]{4})?|[0-9]{10,13}"
    ),
    FieldType.EMAIL: r"[A-Za-z0-9.+_'-]{1,10}@([A-Za-z0-9-]{1,5}\.){0,3}[A-Za-z0-9]{0,4}",
    FieldType.GENDER: r" ?(m|M|male|F|Female|o|other|x) ?",
    FieldType.POSTAL_CODE: (
        r"[0-9]{4,5}[- ]{0,3}[0-9]{0,4}|[A-Za-z][0-9][A-Za-z][- ]?[0-9][A-Za-z][0-9]"
        r"|[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}"
    ),
    FieldType.STATE: r"[A-Za-z]{2}|(US|CA)-[A-Z]{2}|(new|NORTH|West) (york|Carolina|VIRGINIA)",
    FieldType.RANGE: (
        r"(under |over |-)?\$?[0-9]{1,5}(\.[0-9])?k?"
        r"( ?(-|to|and) ?\$?-?[0-9]{1,5}k?|\+| or more| or less)?"
    ),
    FieldType.SSN: r"[0-9]{3}[- .]?[0-9]{2}[- .]?[0-9]{4}",
    FieldType.URL: (
        r"(https?://|HTTP://)?([A-Za-z0-9-]{1,5}\.){0,3}[A-Za-z]{2,4}(:[0-9]{1,6})?"
        r"(/[a-z%/]{0,9})?(\?[a-z=&?/]{0,9})?(#[a-z#]{0,3})?"
    ),
    FieldType.IP: (
        r"[0-9]{1,3}(\.[0-9]{1,3}){3}(:[0-9]{1,5})?|([0-9a-fA-F]{0,4}:){2,7}[0-9a-f]{0,4}"
        r"|\[[0-9a-f:]{2,20}\]:80"
    ),
    FieldType.STREET: (r" ?[0-9]{1,5}[A-Za-z]?(-[0-9]{1,3})?( [0-9]/[0-9])?,?  ?[A-Za-z0-9 #.,]{1,20}"),
    FieldType.TEXT: r"\s?\S{1,9}\s?\S{0,9}\s?",
    FieldType.CREDENTIAL: r"\s?\S{1,9}\s?",
}

anything = st.one_of(
    st.text(),
    st.text(alphabet="0123456789 -+().,/:$%#@xkKT\xa0\u200b\u202a５（）－−٣²½İſK", max_size=40),
    *(st.from_regex(shape, fullmatch=True) for shape in SHAPES.values()),
)


def test_every_type_of_a_catalog_has_a_reader() -> None:
    assert set(READERS) == set(FieldType) == set(SHAPES)
    assert set(TYPES) == set(WELL_KNOWN)


@pytest.mark.parametrize("type_", FieldType)
@given(raw=anything)
def test_no_text_makes_a_type_fail_or_is_lost(type_: FieldType, raw: str) -> None:
    read = READERS[type_](raw)
    assert read.raw == raw
    assert read.part("no such part") is None
    assert (read.normal is not None) == read.valid


@pytest.mark.parametrize("type_", FieldType)
@given(data=st.data())
def test_a_normal_form_is_its_own_normal_form(type_: FieldType, data: st.DataObject) -> None:
    raw = data.draw(st.one_of(st.from_regex(SHAPES[type_], fullmatch=True), anything))
    read = READERS[type_](raw)
    if read.valid:
        again = READERS[type_](text(read.normal))
        assert again.valid
        assert again.normal == read.normal


def of_phone(read: Typed) -> str:
    extension = read.part("extension")
    number = text(read.part("area")) + text(read.part("number"))
    national = read.part("calling_code") == "1"
    if national:
        assert text(read.part("exchange")) + text(read.part("line")) == read.part("number")
    assert read.part("e164") == f"+{read.part('calling_code')}{number}"
    return (number if national else text(read.part("e164"))) + (f"x{extension}" if extension else "")


def of_date(read: Typed) -> str:
    return date(*(int(text(read.part(name))) for name in ("year", "month", "day"))).isoformat()


def of_postal_code(read: Typed) -> str:
    match read.part("country_code"):
        case "US":
            return "-".join(text(read.part(name)) for name in ("zip", "four") if read.part(name))
        case "CA":
            return f"{read.part('fsa')} {read.part('ldu')}"
    return f"{read.part('outcode')} {read.part('incode')}"


def of_range(read: Typed) -> str:
    low, high = read.part("min"), read.part("max")
    if low is None or high is None:
        return f"{text(low)}+" if high is None else f"<{text(high)}"
    return (
        text(low)
        if text(low) == text(high) and "-" not in text(read.normal)[1:]
        else f"{text(low)}-{text(high)}"
    )


def of_time(read: Typed) -> str:
    hour, minute, second = (int(text(read.part(name))) for name in ("hour", "minute", "second"))
    if read.part("date") is None:
        return f"{hour:02}:{minute:02}" + (f":{second:02}" if second else "")
    milliseconds = text(read.normal)[-5:]
    return f"{read.part('date')}T{hour:02}:{minute:02}:{second:02}{milliseconds}"


def of_url(read: Typed) -> str:
    port, query = read.part("port"), read.part("query")
    return (
        f"{read.part('protocol')}://{read.part('host')}{f':{port}' if port else ''}{text(read.part('path'))}"
        f"{'' if query is None else f'?{query}'}{text(read.part('hash'))}"
    )


REASSEMBLED: dict[FieldType, Callable[[Typed], str]] = {
    FieldType.PHONE: of_phone,
    FieldType.DATE: of_date,
    FieldType.DOB: of_date,
    FieldType.TIME: of_time,
    FieldType.POSTAL_CODE: of_postal_code,
    FieldType.RANGE: of_range,
    FieldType.URL: of_url,
    FieldType.EMAIL: lambda read: f"{read.part('user')}@{read.part('domain')}",
    # The comma that some put behind a house number belongs to neither.
    FieldType.STREET: lambda read: f"{read.part('number')} {read.part('name')}",
    FieldType.STATE: lambda read: text(read.part("abbreviation")),
    FieldType.SSN: lambda read: "".join(
        text(read.part(name)) for name in ("first_three", "middle_two", "last_four")
    ),
}


@pytest.mark.parametrize("type_", REASSEMBLED)
@given(data=st.data())
def test_the_parts_make_up_the_whole(type_: FieldType, data: st.DataObject) -> None:
    read = READERS[type_](data.draw(st.from_regex(SHAPES[type_], fullmatch=True)))
    if read.valid:
        whole = text(read.normal)
        assert REASSEMBLED[type_](read) in (whole, whole.replace(", ", " ", 1))


def sample_leads() -> list[dict[str, str]]:
    with LEADS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_the_mask_of_the_dialer_fits_every_phone_of_the_sample_leads_that_is_one() -> None:
    mask = compile_template('{{format phone_1 "(###) ###-####"}}', TYPES)
    seen = 0
    for lead in sample_leads():
        scope = Scope(lead)
        if scope.lookup("phone_1.valid", TYPES):
            seen += 1
            assert re.fullmatch(r"\(\d{3}\) \d{3}-\d{4}", text(mask(scope)))
            assert scope.warnings == []
        else:
            assert text(mask(scope)).strip() == lead["phone_1"].strip()
    assert seen > 240


def test_a_mapping_sends_normal_forms_and_what_is_not_valid_as_it_came() -> None:
    rules = [
        Rule(to="phone", value="{{phone_1}}"),
        Rule(to="area", value="{{phone_1.area}}"),
        Rule(to="state", value="{{state}}"),
        Rule(to="state_name", value="{{state.name}}"),
        Rule(to="amount", value="{{loan_amount}}"),
        Rule(to="income", value="{{monthly_income}}"),
        Rule(to="consent", value="{{consent}}"),
        Rule(to="born", value='{{format dob "MM/DD/YYYY"}}'),
        Rule(to="raw", value="{{phone_1.raw}}"),
        Rule(to="name", value="{{first_name}}"),
    ]
    lead = {
        "phone_1": "(512) 555-0148",
        "state": "texas",
        "loan_amount": "$25k",
        "monthly_income": "4,000-5,000",
        "consent": "Y",
        "dob": "3/9/1988",
        "first_name": " Ann ",
    }
    assert compile_mapping(rules, types=TYPES).apply(Scope(lead)).payload == {
        "phone": "5125550148",
        "area": "512",
        "state": "TX",
        "state_name": "Texas",
        "amount": 25000,
        "income": "4,000-5,000",
        "consent": True,
        "born": "03/09/1988",
        "raw": "(512) 555-0148",
        "name": "Ann",
    }


def test_passing_through_sends_normal_forms_too() -> None:
    mapping = compile_mapping([], pass_through=PassThrough.ALL, types=TYPES)
    lead = {"state": "texas", "loan_amount": "$1,100", "phone_1": "call me", "other": " as it is "}
    assert mapping.apply(Scope(lead)).payload == {
        "state": "TX", "loan_amount": 1100, "phone_1": "call me", "other": " as it is ",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("condition", "lead", "holds"),
    [
        ("loan_amount > 50000", {"loan_amount": "60k"}, True),
        ("loan_amount > 50000", {"loan_amount": "50,000-75,000"}, False),
        ('state in ["CA", "TX"]', {"state": " texas"}, True),
        ('consent == "yes"', {"consent": "1"}, True),
        ("consent", {"consent": "no"}, False),
        ("phone_1 is valid", {"phone_1": "512.555.0148"}, True),
        ("phone_1 is valid", {"phone_1": "555-0148"}, False),
        ("phone_1 is valid", {}, False),
        ('dob < "2000-01-01"', {"dob": "3/9/1988"}, True),
        ('phone_1.area == "512"', {"phone_1": "+1 512 555 0148"}, True),
        ('first_name == "ann"', {"first_name": " Ann "}, True),
    ],
)
def test_conditions_ask_for_normal_forms(condition: str, lead: dict[str, str], holds: bool) -> None:
    assert compile_condition(condition, TYPES).holds(Scope(lead)) is holds


def test_an_age_is_told_by_the_clock_of_the_scope() -> None:
    of_age = compile_condition("dob.age >= 18", TYPES)
    birthday = 1_710_000_000_000_000_000  # 2024-03-09
    lead = {"dob": "3/9/2006"}
    assert of_age.holds(Scope(lead, now=birthday))
    assert not of_age.holds(Scope(lead, now=birthday - 86_400_000_000_000))
    assert not of_age.holds(Scope(lead))
    assert compile_template("{{dob.age}}", TYPES)(Scope(lead, now=birthday)) == 18


def test_a_catalog_can_type_a_field_of_its_own() -> None:
    types = types_of(known_fields([Field(name="plate", type=FieldType.STATE)]))
    assert Scope({"plate": "ohio"}).lookup("plate", types) == "OH"
