"""Shapes as other systems write them, which would mean something else here: `yyyy`, `%m/%d/%Y`, `#,##0.00`.

A lead would go out with a weekday where the day belongs, or as it came, and nobody would see why. So they
are refused when a template is compiled, with what to write instead.
"""

import re

_LITERAL = re.compile(r"\[[^\]]*\]|\\.", re.DOTALL)

_PERCENT = {
    "Y": "YYYY", "y": "YY", "m": "MM", "d": "DD", "e": "D", "j": "DDDD", "B": "MMMM", "b": "MMM", "h": "MMM",
    "A": "dddd", "a": "ddd", "H": "HH", "I": "hh", "M": "mm", "S": "ss", "f": "SSSSSS", "p": "A", "s": "X",
    "z": "ZZ", "Z": "z", "F": "YYYY-MM-DD", "T": "HH:mm:ss", "D": "MM/DD/YY", "R": "HH:mm",
}  # fmt: skip
_PERCENTS = re.compile(r"%-?([A-Za-z])")
_SMALL_YEAR = re.compile(r"(?<![A-Za-z])y{2,4}|(?<=[MmDd])y{2,4}")
_DAY = r"(?<![A-Za-z])dd?(?![A-Za-z])"
_SMALL_DAY = re.compile(rf"{_DAY}(?=[/.-])|(?<=[/.-]){_DAY}")
_MONTH = r"(?<![A-Za-z])mm?(?![A-Za-z])"
_SMALL_MONTH = re.compile(rf"{_MONTH}(?=[/.-](?:[DdYy]|\Z))|(?<=[DdYy][/.-]){_MONTH}")
_PACKED = re.compile(r"(?<=[YM])dd(?!d)|(?<![A-Za-z])dd(?=M|mm)|(?<=Y)mm(?=[Dd])|(?<=D)mm(?=[Yy])")
_OF_A_CLOCK = re.compile(r"[hHk]")

_NUMBER_SIGNS = re.compile(r"#,#|#0|#\.0|0\.0*#|0,0*#")
_SPREADSHEET = re.compile(r"[#0,]*(?:\.[#0]+)?")


def moment_meant(pattern: str) -> str | None:
    """What a pattern for dates of another system is here; None: it is none."""
    if _PERCENTS.search(pattern):
        return _PERCENTS.sub(lambda found: _PERCENT.get(found[1], found[0]), pattern)
    plain = _LITERAL.sub(lambda found: " " * len(found[0]), pattern)
    if not any(slip.search(plain) for slip in (_SMALL_YEAR, _SMALL_DAY, _SMALL_MONTH, _PACKED)):
        return None
    meant = re.sub("y+", _upper, pattern)
    meant = re.sub(r"(?<![A-Za-z])d{1,2}(?![A-Za-z])|(?<=[MmYy])dd(?!d)|(?<![a-z])dd(?=[Mm])", _upper, meant)
    if "M" not in plain and (_SMALL_MONTH.search(plain) or not _OF_A_CLOCK.search(plain)):
        meant = re.sub(
            r"(?<![:A-Za-z])m{1,2}(?![:A-Za-z])|(?<=[DY])mm(?=[DY])|(?<![A-Za-z])mm(?=D)", _upper, meant
        )
    return meant


def _upper(found: re.Match[str]) -> str:
    return found[0].upper()


def numeral_meant(pattern: str) -> str | None:
    """What a spreadsheet's pattern for numbers is here; None: its `#` make a mask."""
    if not _NUMBER_SIGNS.search(pattern):
        return None
    return _SPREADSHEET.sub(_numeral, pattern.split(";", maxsplit=1)[0])


def _numeral(found: re.Match[str]) -> str:
    if not found[0]:
        return ""
    whole, point, decimals = found[0].partition(".")
    fixed, optional = decimals.rstrip("#"), len(decimals) - len(decimals.rstrip("#"))
    return ("0,0" if "," in whole else "0") + point + fixed + (f"[{'0' * optional}]" if optional else "")
