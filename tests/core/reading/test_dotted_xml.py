"""Dotted paths lead into XML by local names (behaviour 6)."""

import pytest

from leadrelay.core.reading.dotted_xml import dotted_steps, find_in
from leadrelay.core.reading.xml_body import parse_xml

ROOT = parse_xml(
    b"""<s:Envelope xmlns:s="urn:s" xmlns="urn:r"><s:Body><AddLeadResponse>
    <Status code="0">Accepted</Status><Id>77</Id>
    <Error n="1"><Text>bad zip</Text></Error><Error n="2"><Text>bad phone</Text><Kind>phone</Kind></Error>
    <Inner>&lt;?xml version="1.0" encoding="utf-16"?&gt;
    &lt;Reply&gt;&lt;Price cur="USD"&gt;12.5&lt;/Price&gt;&lt;/Reply&gt;</Inner>
    </AddLeadResponse></s:Body></s:Envelope>"""
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("Envelope.Body.AddLeadResponse.Id", "77"),
        ("s:Envelope.s:Body.AddLeadResponse.Id.0", "77"),
        ("Envelope.Body.AddLeadResponse.Error.1.Text", "bad phone"),
        ("Envelope.Body.AddLeadResponse.Error.Text", ["bad zip", "bad phone"]),
        ("Envelope.Body.AddLeadResponse.Status.@code", "0"),
        ("Envelope.Body.AddLeadResponse.Status@code", "0"),
        ("Envelope.Body.AddLeadResponse.Status.#text", "Accepted"),
        ("Envelope.Body.AddLeadResponse.Inner.Reply.Price.@cur", "USD"),
        ("Body.AddLeadResponse", None),
    ],
)
def test_a_dotted_path_leads_into_xml_from_its_root(path: str, found: object) -> None:
    assert find_in(ROOT, dotted_steps(path.split("."))) == found
