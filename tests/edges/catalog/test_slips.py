"""Names that lead nowhere and look like others that do (behaviour 3.1)."""

import pytest

from catalog_texts import of_destination, warned

REST = 'rest: {url: "https://example.com/{{state}}"}\n'


def remarks(*names: str, keys: str = "") -> list[str]:
    """What is said of a mapping that reads these names."""
    value = " ".join(f"{{{{{name}}}}}" for name in names)
    return [
        words.split(".value: ")[1]
        for words in warned(of_destination(f"{REST}{keys}mapping: [{{to: a, value: '{value}'}}]"))
    ]


@pytest.mark.parametrize(
    ("name", "meant"),
    [("frist_name", "first_name"), ("emial", "email"), ("phone", "phone_1"), ("postalcode", "postal_code")],
)
def test_a_slip_of_a_known_field(name: str, meant: str) -> None:
    text = of_destination(f"{REST}mapping: [{{to: a, value: '{{{{{name}}}}}'}}]")
    assert warned(text) == [
        f"c.yaml:4: destinations[crm].mapping[a].value: `{name}` looks like a slip of `{meant}`; "
        "if it is none, declare it under `fields`"
    ]


@pytest.mark.parametrize(
    "name",
    ["vehicle_year", "phone_7", "net_monthly_income", "zip", "crm.outcome", "random", "appended.crm.id"],
)
def test_a_field_of_its_own_is_no_slip(name: str) -> None:
    assert warned(of_destination(f"{REST}mapping: [{{to: a, value: '{{{{{name}}}}}'}}]")) == []


def test_a_declared_field_is_known_and_slips_of_it_are_seen() -> None:
    fields = "fields: [{name: phone}, {name: vehicle_year}]\n"
    assert warned(of_destination(f"{REST}mapping: [{{to: a, value: '{{{{phone}}}}'}}]") + fields) == []
    (warning,) = warned(of_destination(f"{REST}mapping: [{{to: a, value: 1, when: vehicle_yaer}}]") + fields)
    assert "mapping[a].when: `vehicle_yaer` looks like a slip of `vehicle_year`" in warning


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("submission.timestmap", "`submission` has no `timestmap`; did you mean `timestamp`?"),
        ("submission.timestamp.year", "`submission` has no `timestamp.year`; did you mean `timestamp`?"),
        ("delivery.idd", "`delivery` has no `idd`; did you mean `id`?"),
        ("bid.prize", "`bid` has no `prize`; did you mean `price`?"),
        ("source.nmae", "`source` has no `nmae`; did you mean `name`?"),
        ("flow.id", "`flow` has no `id`; there are: `name`."),
        ("random.seed", "`random` has no `seed`: it is a value of its own."),
        ("appended.cmr.id", "no destination is called `cmr`; did you mean `crm`?"),
        ("appended.zq.id", "no destination is called `zq`; there are: `crm`."),
    ],
)
def test_a_member_that_one_of_our_own_words_does_not_have(name: str, words: str) -> None:
    head = name.partition(".")[0]
    assert remarks(name) == [f"{words} If leads carry it, declare it: `fields: [{{name: {head}}}]`"]


@pytest.mark.parametrize(
    ("name", "has"),
    [("submission", "`ip`, `timestamp`"), ("bid", "`currency`, `price`"), ("lead", "`lead.email`")],
)
def test_a_word_that_is_nothing_alone(name: str, has: str) -> None:
    (words,) = remarks(name)
    assert words.startswith(f"`{name}` alone is nothing; there are: {has}")
    assert remarks("source", "flow", "random", "price", "destination", "appended") == []


@pytest.mark.parametrize(
    ("name", "meant"), [("apended.crm.id", "appended"), ("submision.ip", "submission"), ("lead.idd", "id")]
)
def test_a_slip_of_one_of_our_own_words(name: str, meant: str) -> None:
    (words,) = remarks(name)
    assert f"looks like a slip of `{meant}`; if it is none, declare it" in words


def test_what_leads_carry_under_such_a_name_is_declared() -> None:
    text = of_destination(f"{REST}mapping: [{{to: a, value: '{{{{delivery.city}}}} {{{{source.medium}}}}'}}]")
    assert len(warned(text)) == 2
    assert warned(f"{text}fields: [{{name: delivery}}, {{name: source}}]\n") == []


def test_what_the_items_of_a_list_have_is_theirs() -> None:
    assert remarks("#each cars", "price.amount", "sources", "/each") == []


def test_every_text_of_a_list_is_looked_at() -> None:
    found = warned(of_destination(f"{REST}mapping: [{{to: a, value: ['{{{{emial}}}}', '{{{{city}}}}']}}]"))
    assert ["`emial` looks like a slip of `email`" in words for words in found] == [True]


def test_where_a_reading_captures_nothing_else_is_kept() -> None:
    keys = "reading: {capture: {id: [id]}}\n"
    assert remarks("crm.id", "appended.crm.id.part", "crm.price", "appended.crm.code", "crm", keys=keys) == []
    assert remarks("crm.url", "appended.crm.idd", keys=keys) == [
        "`crm` has no `idd`; did you mean `id`? What its reading is to keep stands in `capture`",
        "`crm` has no `url`; there are: `code`, `currency`, `id`, `outcome`, `price`, `reason`, `reference`. "
        "What its reading is to keep stands in `capture`",
    ]
    assert remarks("crm.url") == []


def of_condition(condition: str) -> list[str]:
    text = of_destination(f"{REST}mapping: [{{to: a, value: '{{{{email}}}}', when: '{condition}'}}]")
    return [words.split(".when: ")[1] for words in warned(text)]


@pytest.mark.parametrize(
    "condition", ["state == CA", 'state in ["TX", CA]', "city starts with CA", "CA == CA"]
)
def test_a_text_that_lacks_its_quotes_is_compared_as_a_field_that_nobody_has(condition: str) -> None:
    assert of_condition(condition) == [
        'no field is declared that is called `CA`; a text stands in quotes: "CA"'
    ]


def test_a_text_in_quotes_may_be_meant_by_what_looks_like_a_slip() -> None:
    assert of_condition("email contains gmail") == [
        "`gmail` looks like a slip of `email`; if it is none, declare it under `fields`; "
        'a text stands in quotes: "gmail"'
    ]


@pytest.mark.parametrize(
    "condition",
    [
        "loan_amount > down_payment",
        "vertical is blank",
        "source == flow",
        "crm.id == phone_1.area",
        "state == crm.st",
    ],
)
def test_fields_may_be_compared_with_each_other(condition: str) -> None:
    assert of_condition(condition) == []
