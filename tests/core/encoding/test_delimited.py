"""CSV bodies (behaviour 3.5)."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.core.encoding import Body, CsvSpec, Format, Payload, compile_body
from leadrelay.core.values import NotCompiled, Value


def written(payload: dict[str, Value], **members: object) -> str:
    spec = CsvSpec(**members)  # type: ignore[arg-type]
    return compile_body(Body(format=Format.CSV, csv=spec)).encode(Payload(payload)).decode()


ABC = ("a", "b", "c")


@pytest.mark.parametrize(
    ("payload", "members", "body"),
    [
        ({"a": "x", "b": 2}, {}, "a,b\r\nx,2\r\n"),
        ({"b": "y", "z": "not sent"}, {"columns": ("a", "b")}, "a,b\r\n,y\r\n"),
        (
            {"a": 'say "hi"', "b": "x,y", "c": "1\n2"},
            {"columns": ABC, "no_header": True},
            '"say ""hi""","x,y","1\n2"\r\n',
        ),
        ({"a": " x", "b": "y;"}, {"terminator": ";"}, 'a,b;" x","y;";'),
        ({"a": ""}, {"no_header": True, "columns": ("a",)}, '""\r\n'),
        ({"a": "x"}, {"quote_all": True, "terminator": "\n"}, '"a"\n"x"\n'),
        ({"a": "x,y", "b": "x|y"}, {"delimiter": "|"}, 'a|b\r\nx,y|"x|y"\r\n'),
        ({"a": None, "b": True, "c": [1, 2]}, {"delimiter": "\t"}, "a\tb\tc\r\n\ttrue\t1,2\r\n"),
    ],
)
def test_a_payload_is_one_record(payload: dict[str, Value], members: dict[str, object], body: str) -> None:
    assert written(payload, **members) == body


def test_what_has_no_column_is_told_beforehand() -> None:
    encoder = compile_body(Body(format=Format.CSV, csv=CsvSpec(columns=("a", "b"))))
    assert encoder.check(["a", "c"]) == ["`c` is no column, so it would not be sent"]
    assert encoder.check(["A"]) == ["`A` is no column, so it would not be sent; did you mean `a`?"]
    assert compile_body(Body(format=Format.CSV)).check(["a", "c"]) == []
    assert encoder.content_type == "text/csv; charset=utf-8"


@pytest.mark.parametrize(
    ("spec", "part"),
    [
        (CsvSpec(delimiter=""), "csv.delimiter"),
        (CsvSpec(delimiter=";;"), "csv.delimiter"),
        (CsvSpec(delimiter='"'), "csv.delimiter"),
        (CsvSpec(no_header=True), "csv.columns"),
        (CsvSpec(columns=("a", "b", "a")), "csv.columns"),
    ],
)
def test_a_wrong_setting_is_told(spec: CsvSpec, part: str) -> None:
    with pytest.raises(NotCompiled) as caught:
        compile_body(Body(format=Format.CSV, csv=spec))
    assert [problem.part for problem in caught.value.problems] == [part]


@given(st.dictionaries(st.text(min_size=1), st.text(), min_size=2), st.booleans(), st.sampled_from(",;\t|"))
def test_what_is_written_reads_back_the_same(
    payload: dict[str, str], quote_all: bool, delimiter: str
) -> None:
    encoder = compile_body(Body(format=Format.CSV, csv=CsvSpec(quote_all=quote_all, delimiter=delimiter)))
    body = encoder.encode(Payload(payload)).decode()
    names, values = csv.reader(io.StringIO(body, newline=""), delimiter=delimiter)
    assert dict(zip(names, values, strict=True)) == {
        name.encode(errors="replace").decode(): value.encode(errors="replace").decode()
        for name, value in payload.items()
    }
