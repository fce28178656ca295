"""Every reading of an address must be public or opened (behaviour 9)."""

from ipaddress import ip_address

import pytest

from leadrelay.core.egress import Closed, closed_because, is_allowed, parse_rule


def allowed(address: str, *rules: str, port: int = 443, host: str = "", is_operators: bool = False) -> bool:
    allow = [parse_rule(text, is_operators=is_operators) for text in rules]
    return is_allowed(ip_address(address), port, allow, host)


def test_public_addresses_need_no_rule_and_others_need_theirs() -> None:
    assert allowed("8.8.8.8")
    assert not allowed("10.0.0.1")
    assert allowed("10.0.0.1", "10.0.0.0/8")
    assert allowed("10.0.0.1", "192.168.0.0/16", "10.0.0.1:443")
    assert not allowed("10.0.0.1", "10.0.0.1:80", "10.0.0.2", "fd00::/8")


def test_a_rule_for_a_host_opens_wherever_that_name_leads_and_no_other_name() -> None:
    assert allowed("10.0.0.1", "crm.internal", host="CRM.internal.")
    assert allowed("fd00::1", "crm.internal:443", host="crm.internal")
    assert not allowed("10.0.0.1", "crm.internal:80", host="crm.internal")
    assert not allowed("10.0.0.1", "crm.internal", host="x.crm.internal")
    assert not allowed("10.0.0.1", "crm.internal")


def test_both_the_dress_and_what_is_in_it_must_be_open() -> None:
    assert not allowed("::ffff:127.0.0.1", "127.0.0.0/8")
    assert not allowed("::ffff:127.0.0.1", "::ffff:0:0/96")
    assert allowed("::ffff:127.0.0.1", "::ffff:0:0/96", "127.0.0.0/8")
    assert allowed("64:ff9b::8.8.8.8")
    assert not allowed("64:ff9b::10.0.0.1")
    assert allowed("64:ff9b::10.0.0.1", "10.0.0.0/8")
    assert not allowed("2a00::5efe:10.0.0.1")


@pytest.mark.parametrize("metadata", ["169.254.169.254", "168.63.129.16", "100.100.100.200", "fd00:ec2::254"])
def test_metadata_opens_only_to_the_operator_and_only_by_its_very_address(metadata: str) -> None:
    broad = ["169.254.0.0/16", "100.64.0.0/10", "128.0.0.0/1", "fc00::/7"]
    assert not allowed(metadata, *broad)
    assert not allowed(metadata, *broad, "0.0.0.0/0", "::/0", is_operators=True)
    assert not allowed(metadata, "metadata.internal", host="metadata.internal", is_operators=True)
    assert allowed(metadata, metadata, is_operators=True)
    why = closed_because(ip_address(metadata), 80, ())
    assert why is Closed.METADATA


@pytest.mark.parametrize("nowhere", ["0.0.0.1", "0.1.2.3", "224.0.0.1", "255.255.255.255", "::", "ff02::1"])
def test_nothing_opens_what_leads_nowhere(nowhere: str) -> None:
    assert not allowed(nowhere, "0.0.0.0/0", "::/0", "buyer.example", host="buyer.example", is_operators=True)
