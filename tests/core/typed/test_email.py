"""E-mail addresses (behaviour 3.4)."""

import pytest

from leadrelay.core.typed import email


@pytest.mark.parametrize(
    ("raw", "normal"),
    [
        ("ann@example.com", "ann@example.com"),
        (" Ann.Lee@Example.COM ", "Ann.Lee@example.com"),
        ("ann+leads@mail.example.co.uk", "ann+leads@mail.example.co.uk"),
        ("o'connor_99@example-mail.org", "o'connor_99@example-mail.org"),
        ("jörg@müller.de", "jörg@müller.de"),
        ("ann@xn--mller-kva.de", "ann@xn--mller-kva.de"),
        ("ann＠example．com", "ann@example.com"),
        ("ann@example.com\u200b", "ann@example.com"),
    ],
)
def test_only_the_domain_is_put_in_small_letters(raw: str, normal: str) -> None:
    read = email(raw)
    assert read.normal == normal
    assert f"{read.part('user')}@{read.part('domain')}" == normal


@pytest.mark.parametrize(
    "raw",
    [
        "",
        " ",
        "N/A",
        "none@none",
        "ann",
        "ann@",
        "@example.com",
        "ann@@example.com",
        "ann at example.com",
        "ann@example",
        "ann@example..com",
        "ann@-example.com",
        "ann@example.c",
        "ann@example.123",
        "ann@127.0.0.1",
        "ann@example.com.",
        ".ann@example.com",
        "ann.@example.com",
        "ann..lee@example.com",
        "ann lee@example.com",
        "ann@exa mple.com",
        "ann@example.com, bob@example.com",
        "ann@example,com",
        "Ann <ann@example.com>",
        "mailto:ann@example.com",
        "x" * 65 + "@example.com",
        "ann@" + "x" * 64 + ".com",
        "ann@" + "example." * 40 + "com",
    ],
)
def test_what_no_mail_server_would_take_is_not_valid(raw: str) -> None:
    assert not email(raw).valid
    assert email(raw).part("domain") is None
