"""Bodies that hold several leads (behaviour 3.5, 4.6)."""

import pytest

from leadrelay.core.encoding import Body, Column, CsvSpec, FixedWidthSpec, Format, XmlSpec
from leadrelay.core.encoding.listed import compile_list
from leadrelay.core.encoding.payload import Payload
from leadrelay.core.values import NotCompiled

ADA = Payload([("name", "Ada"), ("address.zip", "02134"), ("amount", 5)])
GRACE = Payload([("name", "Grace"), ("amount", 7.5)])
CSV = Body(format=Format.CSV, csv=CsvSpec(columns=("name", "amount"), terminator="\n"))
COLUMNS = (Column("name", 1, 5), Column("amount", 7, 3))
FIXED = Body(format=Format.FIXED_WIDTH, fixed_width=FixedWidthSpec(COLUMNS, "\n"))
LEADS = Body(format=Format.XML, xml=XmlSpec(root="lead", namespaces=(("", "urn:x"),)))
ALL = '<?xml version="1.0" encoding="UTF-8"?><leads xmlns="urn:x">{}</leads>'
ONE = '<lead xmlns="urn:x"><name>{}</name><amount>{}</amount></lead>'


@pytest.mark.parametrize(
    ("body", "more", "written"),
    [
        (Body(), {}, '[{"name":"Ada","address":{"zip":"02134"},"amount":5},{"name":"Grace","amount":7.5}]'),
        (
            Body(),
            {"at": "data.inputs", "beside": {"allOrNone": False, "data.source": "x"}},
            '{"allOrNone":false,"data":{"source":"x","inputs":[{"name":"Ada","address":{"zip":"02134"},'
            '"amount":5},{"name":"Grace","amount":7.5}]}}',
        ),
        (
            Body(),
            {"is_newline": True},
            '{"name":"Ada","address":{"zip":"02134"},"amount":5}\n{"name":"Grace","amount":7.5}\n',
        ),
        (CSV, {}, "name,amount\nAda,5\nGrace,7.5\n"),
        (FIXED, {}, "Ada   5  \nGrace 7.5\n"),
        (
            Body(format=Format.CSV, csv=CsvSpec(columns=("name", "amount"), no_header=True)),
            {},
            "Ada,5\r\nGrace,7.5\r\n",
        ),
    ],
)
def test_several_leads_are_what_each_is_alone_put_together(body: Body, more: dict, written: str) -> None:  # type: ignore[type-arg]
    encoder = compile_list(body, **more)
    listing = encoder.listing
    items = [listing.item(encoder.encode(payload)) for payload in (ADA, GRACE)]
    assert listing.of(items).decode() == written


def test_leads_of_xml_stand_in_the_lists_element() -> None:
    encoder = compile_list(LEADS, at="leads")
    assert encoder.encode(GRACE).decode() == ALL.format(ONE.format("Grace", "7.5"))
    item = encoder.listing.item(encoder.encode(GRACE))
    assert encoder.listing.of([item, item]).decode() == ALL.format(2 * ONE.format("Grace", "7.5"))


def test_an_empty_lead_is_an_item_too() -> None:
    assert compile_list(Body()).encode(Payload()) == b"[{}]"
    assert compile_list(LEADS, at="leads").encode(Payload()).decode() == ALL.format('<lead xmlns="urn:x"/>')


@pytest.mark.parametrize(
    ("body", "more", "kind"),
    [
        (Body(), {}, "application/json"),
        (Body(), {"is_newline": True}, "application/x-ndjson"),
        (CSV, {}, "text/csv; charset=utf-8"),
        (FIXED, {}, "text/plain; charset=utf-8"),
        (LEADS, {"at": "leads"}, "text/xml; charset=utf-8"),
    ],
)
def test_it_says_what_it_is(body: Body, more: dict, kind: str) -> None:  # type: ignore[type-arg]
    assert compile_list(body, **more).content_type == kind


@pytest.mark.parametrize(
    ("body", "more", "words"),
    [
        (Body(format=Format.FORM), {}, "there are no lists of form bodies"),
        (Body(format=Format.TEXT, template="x"), {}, "there are no lists of text bodies"),
        (Body(parameter="p"), {}, "is not put into a form parameter"),
        (Body(charset="utf-16"), {}, "cannot be written in utf-16"),
        (Body(format=Format.XML, xml=XmlSpec(root="lead")), {}, "is needed: the name of the element"),
        (Body(format=Format.CSV), {}, "needs the body's `csv.columns`"),
        (CSV, {"at": "x"}, "is for a JSON list and for XML"),
        (FIXED, {"at": "x"}, "is for a JSON list and for XML"),
        (Body(), {"at": "x", "is_newline": True}, "is for a JSON list and for XML"),
        (Body(), {"beside": {"a": 1}}, "stands beside a JSON list"),
        (CSV, {"is_newline": True}, "is for json bodies; this one is csv"),
    ],
)
def test_refuses_what_cannot_be_a_list(body: Body, more: dict, words: str) -> None:  # type: ignore[type-arg]
    with pytest.raises(NotCompiled) as caught:
        compile_list(body, **more)
    assert any(words in problem.message for problem in caught.value.problems)


def test_paths_are_checked_as_those_of_one_lead() -> None:
    assert compile_list(CSV).check(["name", "zip"]) == ["`zip` is no column, so it would not be sent"]
