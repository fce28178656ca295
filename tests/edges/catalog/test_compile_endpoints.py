"""`endpoints`: backups are checked as the destination's own URL is (behaviour 4.6)."""

import pytest

from catalog_texts import loaded, of_destination, of_rest, refused, warned
from leadrelay.core.destination import EndpointOrder, Endpoints


def compiled(keys: str) -> Endpoints | None:
    return loaded(of_rest(keys)).catalog.destinations["crm"].endpoints


def test_a_destination_has_one_endpoint_where_nothing_is_said() -> None:
    assert compiled("") is None


def test_compiles_backups_in_order_and_names_those_that_have_none() -> None:
    backups = '{name: eu, url: "https://eu.example.com/leads"}, {url: "https://{{state}}.example.com/leads"}'
    made = compiled(f"endpoints: {{backups: [{backups}]}}")
    assert made is not None
    assert ([backup.name for backup in made.backups], made.order) == (
        ["eu", "backup_2"],
        EndpointOrder.LISTED,
    )
    made = compiled(f"endpoints: {{order: health, backups: [{backups}]}}")
    assert made is not None
    assert made.order is EndpointOrder.HEALTH


OF_CRM = "c.yaml:5: destinations[crm].endpoints"


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ("{}", ": needs `backups`, as in `backups: [{name: eu, url: https://…}]`"),
        ("{backups: [{name: eu}]}", ".backups[eu]: needs a `url`, as in https://example.com/leads"),
        (
            "{backups: [{name: eu, url: eu.example.com}]}",
            ".backups[eu].url: needs a scheme and a host, as in https://example.com/leads",
        ),
        (
            '{backups: [{name: primary, url: "https://a.example"}]}',
            ".backups[primary].name: `primary` is the name of the destination's own URL",
        ),
        (
            '{backups: [{name: a, url: "https://a.example"}, {name: a, url: "https://b.example"}]}',
            ".backups[a].name: `a` is the name of backup 1",
        ),
        (
            '{backups: [{name: a, url: "https://a.example"}, {name: b, url: "https://a.example"}]}',
            ".backups[b].url: is the URL of `a`, too; remove one of them",
        ),
        (
            '{backups: [{name: "a b", url: "https://a.example"}]}',
            ".backups[a b].name: `a b` is no name: letters, digits, `_`, `-` and `.`, at most 100",
        ),
        (
            "{order: fastest, backups: [{url: 'https://a.example'}]}",
            ".order: unknown value `fastest`; it is one of: `health`, `listed`",
        ),
    ],
)
def test_refuses_what_cannot_be_tried(keys: str, problem: str) -> None:
    (found,) = refused(of_rest(f"endpoints: {keys}"))
    assert found.startswith(OF_CRM)
    assert found == OF_CRM + problem


def test_refuses_more_than_a_lead_could_wait_for() -> None:
    backups = ", ".join(f'{{url: "https://{number}.example.com"}}' for number in range(9))
    (problem,) = refused(of_rest(f"endpoints: {{backups: [{backups}]}}"))
    assert "more than 8 backups cannot be meant" in problem


def test_warns_of_a_backup_that_is_the_primary_and_of_one_in_clear() -> None:
    (warning,) = warned(of_rest('endpoints: {backups: [{url: "https://example.com/leads"}]}'))
    assert "endpoints.backups[0].url: is the destination's own URL, which then is tried twice" in warning
    (warning,) = warned(of_rest('endpoints: {backups: [{url: "http://eu.example.com/leads"}]}'))
    assert "http:// sends personal data and credentials unencrypted" in warning


def test_warns_of_what_must_not_stand_in_its_url() -> None:
    first, second = warned(
        of_rest('endpoints: {backups: [{url: "https://b.example.com/?api_key=1&ssn={{ssn}}"}]}')
    )
    assert "endpoints.backups[0].url: `ssn` is sensitive and would stand in a URL" in first
    assert "endpoints.backups[0].url: the parameter `api_key` looks like a credential in clear" in second


def test_a_soap_services_backups_are_the_same_for_all_leads() -> None:
    text = """
        soap: {wsdl: "https://crm.example.com/?wsdl", operation: AddLead}
        mapping: [{to: email, value: "{{email}}"}]
        endpoints: {backups: [{url: "https://URL"}]}
        """
    made = loaded(of_destination(text.replace("URL", "eu.example.com"))).catalog.destinations["crm"].endpoints
    assert made is not None
    (problem,) = refused(of_destination(text.replace("URL", "{{state}}.example.com")))
    assert "cannot be a template: it is the same for all leads" in problem


def test_another_leadrelay_has_one_address() -> None:
    text = """
        direct: {target: "peer.example.com:443", flow: loans}
        endpoints: {backups: [{url: "https://eu.example.com"}]}
        """
    (problem,) = refused(of_destination(text))
    assert "endpoints: are for `rest`, `webhook` and `soap`; another leadrelay" in problem


def test_http2_through_a_proxy_asks_for_https_everywhere() -> None:
    (problem,) = refused(
        of_rest(
            """
            connection: {http_version: 2, proxy: {url: "https://proxy.example:3128"}}
            endpoints: {backups: [{url: "http://eu.example.com"}]}
            """
        )
    )
    assert "through a proxy HTTP/2 is spoken to https:// only" in problem
