"""What a catalog opens for its leads (behaviour 9), and what is said where that is too little or too much."""

import pytest

from catalog_texts import loaded, of_destination, refused, warned
from leadrelay.core.egress import parse_rule
from leadrelay.edges.catalog.load import SourceFile, from_bytes, load

OPEN = "egress: {allow: [127.0.0.0/8]}\n"


def of_url(url: str) -> str:
    return of_destination(f"pass_through: all\nrest: {{url: '{url}'}}")


def of_token_url(url: str) -> str:
    token = f"{{oauth2: {{token_url: '{url}', client_id: a, client_secret: {{secret: b}}}}}}"
    return of_destination(f"pass_through: all\nrest: {{url: 'https://a.example'}}\nauth: [{token}]")


def test_what_a_catalog_opens_is_open_to_all_its_destinations_and_adds_up_over_documents() -> None:
    text = of_url("https://a.example") + f"{OPEN}---\negress: {{allow: ['crm.internal:8443']}}\n"
    assert loaded(text).catalog.destinations["crm"].egress == (
        parse_rule("127.0.0.0/8"),
        parse_rule("crm.internal:8443"),
    )
    assert loaded(of_url("https://a.example")).catalog.destinations["crm"].egress == ()


def test_each_bad_entry_is_a_problem_with_its_place_and_what_was_meant() -> None:
    text = "egress:\n  allow:\n    - 10.0.0.0/8\n    - 10.0.0.5/8\n    - 169.254.169.254\n    - 0.0.0.0/0\n"
    assert refused(text) == [
        "c.yaml:4: egress.allow[1]: `10.0.0.5/8` is no network or whole address; did you mean 10.0.0.0/8?",
        "c.yaml:5: egress.allow[2]: `169.254.169.254` is a cloud's metadata address; "
        "only whoever runs the server can open it: leadrelay serve --allow-egress",
        "c.yaml:6: egress.allow[3]: `0.0.0.0/0` would open every network; "
        "name the ones you mean, as in 10.20.0.0/16",
    ]
    assert refused("egress: {alow: [10.0.0.0/8]}\n") == [
        "c.yaml:1: egress: unknown key `alow`; did you mean `allow`?"
    ]


def test_a_list_without_end_is_refused() -> None:
    entries = ", ".join(["10.0.0.1"] * 1001)
    assert "more than 1000 entries" in refused(f"egress: {{allow: [{entries}]}}\n")[0]


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("127.0.0.1:7480", "a loopback address"),
        ("localhost", "a loopback address"),
        ("127.1", "a loopback address"),
        ("2130706433", "a loopback address"),
        ("[::1]", "a loopback address"),
        ("10.1.2.3", "an address of a private network"),
        ("[::ffff:8.8.8.8]", "an IPv4 address dressed as IPv6"),
    ],
)
def test_an_address_that_will_be_refused_is_a_warning(host: str, kind: str) -> None:
    (warning,) = warned(of_url(f"https://{host}/{{{{lead.id}}}}"))
    assert warning == (
        f"c.yaml:4: destinations[crm].rest.url: leads to {kind} and will be refused (`ssrf_blocked`); "
        "open it with `egress: {allow: [NETWORK]}` if it is meant"
    )
    (warning,) = warned(of_token_url(f"https://{host}/token"))
    assert f"token_url: leads to {kind}" in warning


def test_of_a_clouds_metadata_the_warning_names_who_could_open_it() -> None:
    (warning,) = [one for one in warned(of_url("https://169.254.169.254/")) if "leads to" in one]
    assert "`leadrelay serve --allow-egress`" in warning


@pytest.mark.parametrize("host", ["8.8.8.8", "crm.internal", "{{state}}.example", "1.2.3.4.example", "face"])
def test_public_addresses_and_names_are_no_warning(host: str) -> None:
    assert warned(of_url(f"https://{host}/")) == []


@pytest.mark.parametrize(
    ("host", "entry"),
    [("127.0.0.1", "127.0.0.0/8"), ("localhost", "127.0.0.0/8"), ("localhost:81", "localhost:81")],
)
def test_an_address_that_is_listed_is_no_warning(host: str, entry: str) -> None:
    opened = f"egress: {{allow: ['{entry}']}}\n"
    assert warned(of_url(f"https://{host}/") + opened) == []
    assert warned(of_token_url(f"https://{host}/") + opened) == []


def test_what_the_operator_opens_counts_for_every_catalog() -> None:
    rule = parse_rule("127.0.0.0/8", is_operators=True)
    files = [SourceFile("c.yaml", of_url("https://127.0.0.1/"))]
    result = load(files, secret_names=None, egress=[rule])
    assert result.warnings == ()
    assert result.catalog.destinations["crm"].egress == (rule,)
    again = from_bytes(result.message.SerializeToString(), 3, [rule])
    assert again.destinations["crm"].egress == (rule,)


def test_another_list_makes_another_destination_so_that_no_connection_is_shared() -> None:
    lists = ("", OPEN, "egress: {allow: [127.0.0.0/8, 10.0.0.1]}", "egress: {allow: ['127.0.0.1:80']}")
    prints = {
        loaded(of_url("https://a.example") + more).catalog.destinations["crm"].fingerprint for more in lists
    }
    assert len(prints) == 4
    turned = [
        loaded(of_url("https://a.example") + f"egress: {{allow: [{entries}]}}").catalog.destinations["crm"]
        for entries in ("10.0.0.1, crm.internal", "crm.internal, 10.0.0.1")
    ]
    assert turned[0].fingerprint == turned[1].fingerprint
