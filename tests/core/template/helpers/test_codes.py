"""Codes and hashes (behaviour 3.2)."""

import base64
import hashlib
import json
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.scope import Scope
from leadrelay.core.template import TemplateError, compile_template
from leadrelay.core.values import Value


def render(source: str, **values: Value) -> Value:
    return compile_template(source)(Scope({}, values))


def test_several_arguments_are_hashed_as_one_behind_the_salt() -> None:
    wanted = hashlib.sha256(b"saltann@example.com5").hexdigest()
    assert render('{{sha256 v 5 salt="salt"}}', v="ann@example.com") == wanted
    wanted = base64.b64encode(hashlib.sha1(b"ann").digest()).decode()  # noqa: S324
    assert render('{{sha1 v encoding="base64"}}', v="ann") == wanted


def test_a_blank_has_no_hash() -> None:
    """Else all leads without an email address would be one lead."""
    assert render('{{md5 missing " " salt="s"}}') == ""
    assert render('{{default (md5 missing) "none"}}') == "none"


def test_json_keeps_types() -> None:
    assert (
        render('{"a": {{json v}}}', v={"b": [1, True, None, 'x"y']}) == '{"a": {"b":[1,true,null,"x\\"y"]}}'
    )


@pytest.mark.parametrize("helper", ["urlencode", "base64"])
@pytest.mark.parametrize("blank", [None, "", " ", "\n", []])
def test_a_blank_stays_one(helper: str, blank: Value) -> None:
    assert render("{{" + helper + " v}}", v=blank) == ""
    assert render("{{default (" + helper + ' v) "none"}}', v=blank) == "none"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (
            '{{md5 v encoding="base46"}}',
            "`md5`: the option `encoding` is hex or base64, not `base46`; did you mean `base64`?",
        ),
        ("{{sha256 v encoding=v}}", "`sha256`: the option `encoding` is hex or base64"),
        ("{{sha1 v encoding=64}}", "not `64`"),
    ],
)
def test_a_misspelt_encoding_is_told_when_it_is_compiled(source: str, words: str) -> None:
    with pytest.raises(TemplateError) as caught:
        compile_template(source)
    assert words in caught.value.message


@given(st.text().filter(lambda v: bool(v.strip())))
def test_codes_read_back_the_same(v: str) -> None:
    clean = v.encode(errors="replace").decode()
    assert unquote(str(render("{{urlencode v}}", v=v))) == clean
    assert base64.b64decode(str(render("{{base64 v}}", v=v))).decode() == clean
    assert json.loads(str(render("{{json v}}", v=v))) == v
