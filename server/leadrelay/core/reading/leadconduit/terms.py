"""Its search terms: regular expressions, with slashes and flags round them or without.

There a term is put into lower case before it is compiled, by which `\\S` becomes `\\s`, and one that does not
compile is looked for as the word "null". Here case is ignored instead, and what does not compile is refused.
"""

import re

from leadrelay.core.template.pattern import Expression, compile_pattern

_SLASHED = re.compile(r"/(.+)/([a-z]*)", re.DOTALL)
_FLAGS = frozenset("gimsuy")  # JavaScript's, of which two change what is found
_KEPT = frozenset("ms")


def compile_term(written: str) -> Expression:
    """The expression. Raises ValueError."""
    pattern, flags = written.strip(), ""
    slashed = _SLASHED.fullmatch(pattern)
    if slashed is not None and set(slashed[2]) <= _FLAGS:
        pattern, flags = slashed[1], "".join(sorted(set(slashed[2]) & _KEPT))
    return compile_pattern(f"(?{flags}){pattern}" if flags else pattern, ignore_case=True)
