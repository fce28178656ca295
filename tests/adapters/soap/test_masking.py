"""What is sensitive is masked where it went, and all of it where nobody knows (behaviour 9)."""

from typing import Any

import pytest
from lxml import etree

from leadrelay.adapters.soap.masking import mask
from leadrelay.core.masking import MASK

ENVELOPE = """<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="urn:t">
<s:Header><t:H><t:K>k</t:K></t:H></s:Header><s:Body><t:Add><t:a x="1">one</t:a>
<t:b><t:c>two</t:c><t:c>three</t:c></t:b><t:d>&lt;X/&gt;</t:d></t:Add>
</s:Body></s:Envelope>"""


def masked(*paths: str, value: Any = "secret") -> str:
    envelope = etree.fromstring(ENVELOPE)
    mask(envelope, dict.fromkeys(paths, value), is_wrapped=False)
    return str(etree.tostring(envelope).decode())


@pytest.mark.parametrize(
    ("path", "gone", "kept"),
    [
        ("a", ["one"], ['x="1"', "two"]),
        ("a.#text", ["one"], ['x="1"', "two"]),
        ("a@x", ['"1"'], ["one", "two"]),
        ("b.c.1", ["three"], ["two", "one"]),
        ("b.c", ["two", "three"], ["one"]),
        ("b", ["two", "three"], ["one"]),
        ("d.X.Y", ["&lt;X/&gt;"], ["one", "two"]),
        ("@header.H.K", [">k<"], ["one", "two"]),
    ],
)
def test_a_value_is_masked_in_its_place(path: str, gone: list[str], kept: list[str]) -> None:
    shown = masked(path)
    assert MASK in shown
    assert not [each for each in gone if each in shown]
    assert [each for each in kept if each not in shown] == []


@pytest.mark.parametrize("path", ["zzz", "b.zzz", "a@zzz", "@header.Z.K"])
def test_what_cannot_be_found_masks_everything(path: str) -> None:
    shown = masked(path)
    assert not [each for each in ("one", "two", "three", ">k<", 'x="1"') if each in shown]


def test_the_place_of_a_proof_to_come_stays() -> None:
    for path in ("@header.H.K", "zzz"):
        envelope = etree.fromstring(ENVELOPE)
        envelope[0].insert(0, etree.Comment("slot"))
        mask(envelope, {path: "secret"}, is_wrapped=False)
        assert b"<!--slot-->" in etree.tostring(envelope)


def test_an_object_is_masked_with_its_attributes() -> None:
    shown = masked("a", value={"#text": "one", "@x": "1"})
    assert 'x="1"' not in shown
