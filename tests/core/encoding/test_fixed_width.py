"""Fixed-width bodies (behaviour 3.5)."""

import pytest

from leadrelay.core.encoding import (
    Align,
    Body,
    Column,
    Encoder,
    EncodingError,
    FixedWidthSpec,
    Format,
    Payload,
    compile_body,
)
from leadrelay.core.values import NotCompiled


def an_encoder(*columns: Column, terminator: str = "") -> Encoder:
    return compile_body(Body(format=Format.FIXED_WIDTH, fixed_width=FixedWidthSpec(columns, terminator)))


COLUMNS = (
    Column("amount", start=12, width=6, align=Align.RIGHT, pad="0"),
    Column("name", start=1, width=8),
    Column("note", start=18, width=3, cut=True),
)


def test_every_value_stands_in_its_columns() -> None:
    encoder = an_encoder(*COLUMNS, terminator="\r\n")
    body = encoder.encode(Payload({"name": "Ann", "amount": 52400, "note": "abcdef"}))
    assert body == b"Ann        052400abc\r\n"
    assert encoder.encode(Payload({"note": "a\nb"})) == b"           000000a b\r\n"
    assert encoder.content_type == "text/plain; charset=utf-8"


def test_what_does_not_fit_is_an_error_that_names_the_column_and_not_the_value() -> None:
    with pytest.raises(EncodingError) as caught:
        an_encoder(*COLUMNS).encode(Payload({"name": "Bartholomew"}))
    assert str(caught.value) == "name: 11 characters do not fit into 8; widen the column or set `cut`"


def test_a_mask_in_a_record_always_fits() -> None:
    assert an_encoder(Column("pin", start=1, width=2)).encode(Payload({"pin": "***"})) == b"**"


def test_what_has_no_column_is_told_beforehand() -> None:
    assert an_encoder(*COLUMNS).check(["name", "zip"]) == ["`zip` is no column, so it would not be sent"]


@pytest.mark.parametrize(
    ("columns", "part"),
    [
        ((), "columns"),
        ((Column("", start=1, width=1),), "columns[0].name"),
        ((Column("a", start=0, width=1),), "columns[0].start"),
        ((Column("a", start=1, width=0),), "columns[0].width"),
        ((Column("a", start=1, width=99999),), "columns[0].width"),
        ((Column("a", start=1, width=1, pad=""),), "columns[0].pad"),
        ((Column("b", start=3, width=2), Column("a", start=1, width=3)), "columns[0].start"),
    ],
)
def test_a_wrong_column_is_told(columns: tuple[Column, ...], part: str) -> None:
    with pytest.raises(NotCompiled) as caught:
        an_encoder(*columns)
    assert [problem.part for problem in caught.value.problems] == [f"fixed_width.{part}"]
