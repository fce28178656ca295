"""XPath 1.0 over what recipients answer (behaviour 6: XPath with namespaces)."""

import pytest

from leadrelay.core.reading.budget import TooMuch
from leadrelay.core.reading.xml_body import parse_xml
from leadrelay.core.reading.xpath import BadXPath, compile_xpath

ROOT = parse_xml(
    b"""<s:Envelope xmlns:s="urn:s" xmlns="urn:r"><s:Body><AddLeadResponse>
    <Status code="0">Accepted</Status><Id>77</Id>
    <Error n="1"><Text>bad zip</Text></Error><Error n="2"><Text>bad phone</Text><Kind>phone</Kind></Error>
    <Inner>&lt;?xml version="1.0" encoding="utf-16"?&gt;
    &lt;Reply&gt;&lt;Price cur="USD"&gt;12.5&lt;/Price&gt;&lt;/Reply&gt;</Inner>
    </AddLeadResponse></s:Body></s:Envelope>"""
)
BASE = "/Envelope/Body/AddLeadResponse"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        (f"{BASE}/Id", "77"),
        ("/s:Envelope/s:Body/r:AddLeadResponse/r:Id", "77"),
        ("/Other/Body", None),
        (f"{BASE}/Nothing", None),
        ("//Id", "77"),
        ("//Envelope/Body//Id", "77"),
        (f"{BASE}/Status/@code", "0"),
        (f"{BASE}/Status", "Accepted"),  # its attribute does not matter
        (f"{BASE}/Status/text()", "Accepted"),
        ("//@n", ["1", "2"]),
        ("//Text", ["bad zip", "bad phone"]),
        (f"{BASE}/Error[2]/Text", "bad phone"),
        (f"{BASE}/Error[last()]/Kind", "phone"),
        (f"{BASE}/Error[9]/Text", None),
        (f"{BASE}/Error[@n='1']/Text", "bad zip"),
        (f"{BASE}/Error[Kind='phone'][1]/Text/.", "bad phone"),
        (f"{BASE}/Error/Text[text()='bad zip']", "bad zip"),
        ("/*/*/*/Id", "77"),
        (f"{BASE}/Inner/Reply/Price/text()", "12.5"),
        ("//Price/@cur", "USD"),
    ],
)
def test_a_path_leads_where_xpath_says(path: str, found: object) -> None:
    assert compile_xpath(path).find(ROOT) == found


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("//*[local-name()='Status']/text()", "Accepted"),
        ("count(//Error)", 2),
        ("count(//Error) > 1", True),
        ("string(//Error[2]/Text)", "bad phone"),
        ("//Error[position() < 2]/Text", "bad zip"),
        ("//Text | //Kind", ["bad zip", "bad phone", "phone"]),
        ("//Kind/../Text", "bad phone"),
        ("//Kind/parent::Error/@n", "2"),
        ("//Kind/ancestor::*[last()]/Body//Id", "77"),
        ("//Error[contains(Text, 'zip') or @n = 2]/@n", ["1", "2"]),
        ("//Error[contains(Text, 'zip') and @n = 2]/@n", None),
        ("(//Text)[2]", "bad phone"),
        ("//Error[not(Kind)]/@n", "1"),
        ("concat(//Id, '-', //Status/@code)", "77-0"),
        ("normalize-space(//Status)", "Accepted"),
        ("//Text[starts-with(., 'bad p')]", "bad phone"),
        ("//Text[ends-with(lower-case(.), 'phone')]", "bad phone"),
        ("//Error[@n > 1]/@n", "2"),
        ("sum(//@n) + 1", 4),
        ("floor(7 div 2) * 2 - 1", 5),
        ("-3 mod 2", -1),
        ("-" * 90 + "3", 3),
        ("//Error[1]/following-sibling::Error/@n", "2"),
        ("//Error[2]/preceding-sibling::Error[1]/@n", "1"),
        ("//Id[. = '77']", "77"),
        ("substring-after(//Error[1]/Text, 'bad ')", "zip"),
        ("substring-before('a-b', '-')", "a"),
        ("substring('12345', 2, 3)", "234"),
        ("translate('bar', 'abc', 'AB')", "BAr"),
        ("string-length(//Id)", 2),
        ("//text()[contains(., 'phone')]", ["bad phone", "phone"]),
        ("namespace-uri(/*)", "urn:s"),
        ("boolean(//Nothing)", False),
        ("number('x')", None),
        ("//Nothing = ''", False),
        ("//Text != 'bad zip'", True),
        ("round(2.5)", 3),
        ("self::node()/Envelope/Body/*/Id", "77"),
        ("//Error[Text[contains(., 'zip')]]/@n", "1"),
    ],
)
def test_an_expression_comes_to_what_xpath_says(expression: str, found: object) -> None:
    assert compile_xpath(expression).find(ROOT) == found


def test_a_prefix_counts_where_it_is_declared() -> None:
    namespaces = {"x": "urn:s", "y": "urn:r"}
    assert compile_xpath("/x:Envelope/x:Body//y:Id", namespaces).find(ROOT) == "77"
    assert compile_xpath("/y:Envelope", namespaces).find(ROOT) is None
    assert compile_xpath("count(//y:*)", namespaces).find(ROOT) == 9
    assert compile_xpath("/z:Envelope/z:Body//Id", namespaces).find(ROOT) == "77"  # no declared prefix


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/a[",
        "/a]",
        "/a b",
        "/a[nonsense()]",
        "/a[contains(b)]",
        "//",
        "/a/",
        "/sideways::a",
        "/a[$x]",
        "count()",
        "/a['b]",
        "(" * 30 + "/a" + ")" * 30,
        "/" + "a" * 1001,
        "1 +",
        "1+" * 200 + "1",
        "/a | | /b",
    ],
)
def test_what_is_not_understood_is_refused_by_name(path: str) -> None:
    with pytest.raises(BadXPath):
        compile_xpath(path)


@pytest.mark.parametrize(
    "path", ["//b//b//b//b//c", "//b[//b]", "//b[../b = 1]", "//*[contains(., 'x')]/..//b"]
)
def test_a_document_made_to_take_long_is_given_up(path: str) -> None:
    """The number of nodes looked at is bounded, whatever the expression multiplies."""
    root = parse_xml(b"<a>" + b"<b><b><b/></b></b>" * 6_000 + b"</a>")
    with pytest.raises(TooMuch):
        compile_xpath(path).find(root)
