"""A terminal drawing as an SVG that needs nothing from anywhere: no font and no style sheet is fetched."""

from io import StringIO
from typing import Final

from rich.console import Console, RenderableType

WIDTH: Final = 100  # columns

# Rich's own frame, with the fonts that every machine has in the place of those it would fetch.
FRAME: Final = """\
<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
  <style>
    .{unique_id}-matrix {{
      font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace;
      font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
      white-space: pre;
    }}
    .{unique_id}-title {{ font-size: 18px; font-weight: bold; font-family: sans-serif; }}
    {styles}
  </style>
  <defs>
    <clipPath id="{unique_id}-clip-terminal">
      <rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" />
    </clipPath>
    {lines}
  </defs>
  {chrome}
  <g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
    {backgrounds}
    <g class="{unique_id}-matrix" xml:space="preserve">
    {matrix}
    </g>
  </g>
</svg>
"""


def svg(drawing: RenderableType, title: str, *, width: int = WIDTH) -> str:
    """The drawing as it would stand in a terminal of that many columns."""
    console = Console(
        record=True, width=width, file=StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(drawing)
    picture = console.export_svg(title=title, code_format=FRAME)
    # Some programs drop the spaces at the beginning of a text that does not say to keep them.
    return picture.replace("<text ", '<text xml:space="preserve" ')
