"""From a recipient's words to a code of the list: by the catalog's rules, else by the usual wordings."""

from collections.abc import Sequence

from leadrelay.core.outcome import ReasonCode
from leadrelay.core.reading.spec import CodeRule
from leadrelay.core.reading.wordings import code_of
from leadrelay.core.template.pattern import Expression, compile_pattern

MAX_CODES = 500

# What a recipient's words may come to; the other codes are for what happens on the way, or is never sent.
SAID = (*tuple(ReasonCode)[:10], ReasonCode.OTHER)


class Codes:
    """Compiled rules."""

    __slots__ = ("_rules",)

    def __init__(self, rules: Sequence[tuple[Expression, ReasonCode]] = ()) -> None:
        self._rules = tuple(rules)

    def by_rule(self, words: str) -> ReasonCode | None:
        """The code of the first of the catalog's rules that matches."""
        for expression, code in self._rules:
            if expression.search(words) is not None:
                return code
        return None

    def of(self, words: str) -> ReasonCode | None:
        """The same, or else what the usual wordings say; None for words that nobody taught us."""
        if not words:
            return None
        return (self.by_rule(words) if self._rules else None) or code_of(words)


def compile_code(rule: CodeRule) -> tuple[Expression, ReasonCode]:
    """One rule. Raises ValueError."""
    if not rule.matches.strip():
        raise ValueError("needs `matches`: a regular expression for the recipient's words")
    return compile_pattern(rule.matches, ignore_case=True), rule.code
