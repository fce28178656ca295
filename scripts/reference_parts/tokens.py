"""The tokens of `format` for dates, and the functions of `math`, each with what it gives."""

from datetime import datetime
from zoneinfo import ZoneInfo

from scripts.reference_parts.markdown import code, table, value
from scripts.reference_parts.page import BadPage

from leadrelay.core.scope import Scope
from leadrelay.core.template import arithmetic, compile_template, moment_format

MOMENT = datetime(2024, 3, 9, 15, 4, 5, 678901, tzinfo=ZoneInfo("America/New_York"))
TOKENS = {
    "month": "M Mo MM MMM MMMM",
    "quarter": "Q Qo",
    "day of the month": "D Do DD",
    "day of the year": "DDD DDDo DDDD",
    "day of the week, Sunday is 0": "d do dd ddd dddd e",
    "day of the week, Monday is 1": "E",
    "week, from Sunday": "w wo ww",
    "week, from Monday (ISO)": "W Wo WW",
    "year": "YY YYYY Y",
    "year of the week": "gg gggg",
    "year of the week (ISO)": "GG GGGG",
    "half of the day": "A a",
    "hour, 0 to 23": "H HH",
    "hour, 1 to 12": "h hh",
    "hour, 1 to 24": "k kk",
    "minute": "m mm",
    "second": "s ss",
    "fraction of a second": "S SS SSS SSSSSS",
    "zone": "z zz Z ZZ",
    "seconds, and milliseconds, since 1970": "X x",
    "date": "L l LL ll",
    "time": "LT LTS",
    "date and time": "LLL lll LLLL llll",
}
# One expression for each function.
SUMS = {
    "abs": "abs(3 - 5)",
    "ceil": "ceil(4.2)",
    "floor": "floor(4.8)",
    "round": "round(4.5)",
    "trunc": "trunc(-4.8)",
    "roundTo": "roundTo(4.567, 2)",
    "min": "min(3, 1, 2)",
    "max": "max(3, 1, 2)",
    "sqrt": "sqrt(2)",
    "exp": "exp(1)",
    "ln": "ln(10)",
    "log": "log(8, 2)",
    "log10": "log10(1000)",
    "sign": "sign(-7)",
}


def moments() -> str:
    """Every token for dates and times."""
    written = {token for line in TOKENS.values() for token in line.split()}
    known = {*moment_format._TOKENS, *moment_format._LOCAL}
    if known - written:
        raise BadPage(f"the tokens {sorted(known - written)} are in no line of TOKENS")
    rows = [[about, *_pair(line.split())] for about, line in TOKENS.items()]
    return table(["what", "tokens", "give"], rows)


def _pair(tokens: list[str]) -> tuple[str, str]:
    made = [moment_format.compile_moment_format(token)(MOMENT) for token in tokens]
    return " ".join(map(code, tokens)), " ".join(map(code, made))


def functions() -> str:
    """Every function of `math`."""
    if missing := arithmetic._FUNCTIONS.keys() - SUMS.keys():
        raise BadPage(f"the functions {sorted(missing)} are in no line of SUMS")
    calls = [f'{{{{math "{expression}"}}}}' for expression in SUMS.values()]
    return table(
        ["template", "gives"], [[code(call), value(compile_template(call)(Scope({})))] for call in calls]
    )
