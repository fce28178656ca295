"""Codes and hashes (behaviour 3.2)."""

import base64
import hashlib
import json
from urllib.parse import unquote

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.scope import Scope
from leadrelay.core.template import compile_template
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


@given(st.text())
def test_codes_read_back_the_same(v: str) -> None:
    clean = v.encode(errors="replace").decode()
    assert unquote(str(render("{{urlencode v}}", v=v))) == clean
    assert base64.b64decode(str(render("{{base64 v}}", v=v))).decode() == clean
    assert json.loads(str(render("{{json v}}", v=v))) == v
