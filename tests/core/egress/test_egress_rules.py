"""What is opened on purpose: how it is written, and what is said of what is not it."""

from ipaddress import ip_network

import pytest

from leadrelay.core.egress.rules import BadRule, Rule, operators_rules, parse_rule


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("10.20.0.0/16", Rule(ip_network("10.20.0.0/16"))),
        ("127.0.0.1", Rule(ip_network("127.0.0.1/32"))),
        ("127.0.0.1:8080", Rule(ip_network("127.0.0.1/32"), port=8080)),
        ("10.0.0.0/8:443", Rule(ip_network("10.0.0.0/8"), port=443)),
        ("fd00::/8", Rule(ip_network("fd00::/8"))),
        ("[fd00::/8]:443", Rule(ip_network("fd00::/8"), port=443)),
        ("[::1]", Rule(ip_network("::1/128"))),
        ("CRM.Internal.", Rule(host="crm.internal")),
        ("crm.internal:8443", Rule(host="crm.internal", port=8443)),
        ("localhost", Rule(host="localhost")),
        ("xn--bcher-kva.example", Rule(host="xn--bcher-kva.example")),
    ],
)
def test_what_may_be_written(text: str, rule: Rule) -> None:
    assert parse_rule(text) == rule


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("http://10.0.0.5:8080/x", "is a URL; write only its host and port: 10.0.0.5:8080"),
        ("*.internal", "has a wildcard"),
        ("10.0.0.5/8", "did you mean 10.0.0.0/8?"),
        ("fd00::1/8", "did you mean fd00::/8?"),
        ("10.20", "did you mean 10.20.0.0/16?"),
        ("10/8", "did you mean 10.0.0.0/8?"),
        ("loopback", "did you mean 127.0.0.0/8?"),
        ("2130706433", "is no whole address"),
        ("0x7f.1", "is no whole address"),
        ("10.0.0.256", "is no whole address"),
        ("10.0.0.0/33", "is not one of these"),
        ("crm internal", "is not one of these"),
        ("bücher.example", "is not one of these"),
        ("crm.internal:0", "its port is not a number from 1 to 65535"),
        ("crm.internal:70000", "its port is not"),
        ("crm.internal:", "its port is not"),
        ("[::1]:x", "its port is not"),
        ("0.0.0.0/8", "leads nowhere"),
        ("224.0.0.0/8", "leads nowhere"),
        ("0.0.0.0/0", "would open every network"),
        ("::/0", "would open every network"),
        ("169.254.169.254", "only whoever runs the server can open it"),
    ],
)
def test_what_opens_nothing_is_told_with_what_would_be_right(text: str, words: str) -> None:
    with pytest.raises(BadRule) as caught:
        parse_rule(text)
    assert words in str(caught.value)


def test_a_url_is_repeated_without_what_may_be_a_password() -> None:
    with pytest.raises(BadRule) as caught:
        parse_rule("https://user:pa55@crm.internal/x?key=5ecret")
    assert str(caught.value).endswith("crm.internal")
    assert "5" not in str(caught.value)


def test_the_operator_opens_by_option_and_by_variable() -> None:
    environment = {"LEADRELAY_ALLOW_EGRESS": " 10.0.0.0/8, 169.254.169.254\tcrm.internal,"}
    rules = operators_rules(("0.0.0.0/0",), environment)
    assert [str(rule.network or rule.host) for rule in rules] == [
        *("0.0.0.0/0", "10.0.0.0/8", "169.254.169.254/32", "crm.internal"),
    ]
    assert all(rule.is_operators for rule in rules)
    assert operators_rules((), {}) == ()


@pytest.mark.parametrize(
    ("texts", "environment", "where"),
    [(("10.0.0.1/8",), {}, "--allow-egress: "), ((), {"LEADRELAY_ALLOW_EGRESS": "10.0.0.1/8"}, "LEADRELAY_")],
)
def test_a_mistake_is_told_with_the_place_where_it_was_made(
    texts: tuple[str, ...], environment: dict[str, str], where: str
) -> None:
    with pytest.raises(BadRule, match=f"^{where}.*10.0.0.1/8.*did you mean 10.0.0.0/8"):
        operators_rules(texts, environment)
