"""What tables and drawings are printed on.

rich ends the program by itself, with exit code 1, where whoever read the output has gone; here that is told
as everywhere else. Words of others are words: neither `[red]` nor `:smile:` in them means anything.
"""

from typing import Final, NoReturn

from rich.console import Console, RenderableType

WIDEST: Final = 10_000  # columns of a table


class Screen(Console):
    """Standard output."""

    def __init__(self) -> None:
        super().__init__(highlight=False, emoji=False, markup=False)

    def print_whole(self, table: RenderableType) -> None:
        """As wide as it has to be: a narrower terminal wraps its lines, and no figure is cut."""
        needed = self.measure(table, options=self.options.update(width=WIDEST)).maximum
        self.width = max(self.width, needed)
        self.print(table)

    def on_broken_pipe(self) -> NoReturn:
        raise BrokenPipeError
