"""What is printed is whole, whoever reads it and whatever others said."""

import io

import pytest
from rich.table import Table

from leadrelay.edges.cli.screen import Screen


def a_table(*cells: str) -> Table:
    table = Table(box=None, show_header=False)
    for _ in cells:
        table.add_column(no_wrap=True)
    table.add_row(*cells)
    return table


def test_a_table_is_as_wide_as_its_figures(capsys: pytest.CaptureFixture[str]) -> None:
    cells = [f"1,234,567.{number:02}" for number in range(20)]
    Screen().print_whole(a_table(*cells))
    assert capsys.readouterr().out.split() == cells


def test_markup_in_the_words_of_others_is_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    Screen().print_whole(a_table("[red]web[/b]", ":smile:"))
    assert capsys.readouterr().out.split() == ["[red]web[/b]", ":smile:"]


def test_a_reader_who_has_gone_is_told_to_whoever_prints(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            raise BrokenPipeError

    screen = Screen()
    screen.file = Gone()
    with pytest.raises(BrokenPipeError):
        screen.print("anything")
