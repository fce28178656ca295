"""Signs are one cell wide and foreign text stays text."""

from rich.cells import cell_len

from leadrelay.core.outcome import Arrived, Kind, Outcome
from leadrelay.edges.cli.marks import ASCII, COLOURS, UNICODE


def test_every_outcome_has_a_colour_and_a_sign_of_one_cell() -> None:
    for marks in (ASCII, UNICODE):
        assert set(marks.kinds) == set(COLOURS) == set(Kind)
        assert len(set(marks.kinds.values())) == len(Kind)
        signs = [
            *marks.kinds.values(),
            marks.busy,
            marks.idle,
            marks.under_way,
            marks.unresolved,
            *marks.ticks,
        ]
        assert {cell_len(sign) for sign in signs} == {1}
    assert all(sign.isascii() for sign in ASCII.kinds.values())


def test_an_unresolved_outcome_has_a_sign_of_its_own() -> None:
    assert UNICODE.sign(Outcome(kind=Kind.TIMEOUT, arrived=Arrived.UNKNOWN)) == "?"
    assert UNICODE.sign(Outcome(kind=Kind.TIMEOUT, arrived=Arrived.NO)) == "…"


def test_control_characters_become_question_marks() -> None:
    assert UNICODE.clean(" a\x1b[31mb\n\tc\u202ed ") == "a?[31mb c?d"
    assert UNICODE.clean_line("  {\x00") == "  {?"


def test_text_is_cut_by_cells_and_says_that_it_is() -> None:
    assert UNICODE.cut("a short one", 11) == "a short one"
    assert UNICODE.cut("a longer one", 11) == "a longer o…"
    assert ASCII.cut("a longer one", 11) == "a longer..."
    assert UNICODE.cut("日本語日本語", 6) == "日本…"  # two cells each


def test_a_fitted_text_has_exactly_its_cells() -> None:
    assert UNICODE.fit("ab", 4) == "ab  "
    assert cell_len(UNICODE.fit("日本語日本語", 6)) == 6
