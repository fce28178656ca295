"""UsernameToken as the OASIS profile writes it, checked by the sums of others (behaviour 4.1, 4.2)."""

from base64 import b64decode
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.wsse import (
    BASE64,
    PASSWORD_DIGEST,
    PASSWORD_TEXT,
    SLOT,
    WSSE,
    WSU,
    UsernameToken,
    security_header,
    username_token,
    with_security,
)

ENVELOPE = b'<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header>%s</e:Header><e:Body/></e:Envelope>'


def elements(header: bytes) -> list[tuple[str, dict[str, str], str]]:
    """Tag, attributes and text of each part of the token."""
    root = ElementTree.fromstring(header)  # noqa: S314
    assert root.tag == f"{{{WSSE}}}Security"
    (token,) = root
    assert token.tag == f"{{{WSSE}}}UsernameToken"
    return [(part.tag, dict(part.attrib), part.text or "") for part in token]


def test_a_password_in_clear_is_the_profiles_first_example() -> None:
    """UsernameToken Profile 1.1, section 3.1: Zoe and her password, with its type spelt out."""
    token = username_token("Zoe", "IloveDogs", digest=False, nonce=b"unused", created="unused")
    assert elements(security_header(token)) == [
        (f"{{{WSSE}}}Username", {}, "Zoe"),
        (f"{{{WSSE}}}Password", {"Type": PASSWORD_TEXT}, "IloveDogs"),
    ]


def test_a_digest_has_the_elements_of_the_profiles_second_example() -> None:
    """Its nonce and time are OASIS's; its digest there is of 22 bytes and so of no password at all."""
    nonce, created = "WScqanjCEAC4mQoBE07sAQ==", "2003-07-16T01:24:32Z"
    token = username_token("NNK", "x", digest=True, nonce=b64decode(nonce), created=created)
    assert elements(security_header(token)) == [
        (f"{{{WSSE}}}Username", {}, "NNK"),
        (f"{{{WSSE}}}Password", {"Type": PASSWORD_DIGEST}, token.password),
        (f"{{{WSSE}}}Nonce", {"EncodingType": BASE64}, nonce),
        (f"{{{WSU}}}Created", {}, created),
    ]


@pytest.mark.parametrize(
    ("password", "nonce", "created", "digest"),
    [
        # Metro 1.2, the Java stack.
        ("abcd!1234", "YF6j8V/CAqi+1nRsGLRbuZhi", "2008-04-28T10:02:11Z", "6S3P2EWNP3lQf+9VC3emNoT57oQ="),
        # ONVIF's application programmer's guide.
        ("userpassword", "LKqI6G/AikKCQrN0zqZFlg==", "2010-09-16T07:50:45Z", "tuOSpGlFlIXsozq4HFNeeGeFLEI="),
        # zeep.
        ("geheim", "bW9ja2VkLXJhbmRvbQ==", "2016-05-08T12:00:00+00:00", "hVicspAQSg70JNhe67OHqD9gexc="),
    ],
)
def test_a_digest_is_what_other_stacks_make_of_the_same(
    password: str, nonce: str, created: str, digest: str
) -> None:
    token = username_token("Alice", password, digest=True, nonce=b64decode(nonce), created=created)
    assert (token.password, token.nonce) == (digest, nonce)


PRINTABLE = st.text(st.characters(blacklist_categories=("Cc", "Cs"), max_codepoint=0x1F9FF), max_size=30)


@given(PRINTABLE, PRINTABLE)
def test_any_name_and_password_come_out_of_an_envelope_as_they_went_in(name: str, password: str) -> None:
    header = security_header(UsernameToken(username=name, password=password))
    assert header.isascii()
    texts = [text for _, _, text in elements(header)]
    assert texts == [name, password]


def test_a_header_takes_the_slot_and_a_later_one_its_place() -> None:
    one = security_header(UsernameToken(username="a", password="1"))
    two = security_header(UsernameToken(username="b", password="2"))
    first = with_security(ENVELOPE % SLOT, one)
    assert first == ENVELOPE % one
    assert with_security(first, two) == ENVELOPE % two


def test_headers_of_others_are_left_alone() -> None:
    theirs = b'<wsse:Security xmlns:wsse="x"><a/></wsse:Security>'
    ours = security_header(UsernameToken(username="a", password="1"))
    assert with_security(ENVELOPE % theirs, ours) is None
    assert with_security(ENVELOPE % (theirs + SLOT), ours) == ENVELOPE % (theirs + ours)


def test_a_token_does_not_show_its_password() -> None:
    assert "hush" not in repr(UsernameToken(username="a", password="hush"))
