"""Checks LeadConduit's settings and readies them; everything that is wrong with them is told."""

from collections.abc import Callable, Mapping
from typing import TypeVar

from leadrelay.core.reading.codes import Codes
from leadrelay.core.reading.finding import Find
from leadrelay.core.reading.leadconduit.places import Place, compile_path
from leadrelay.core.reading.leadconduit.reading import LeadConduitReading
from leadrelay.core.reading.leadconduit.terms import compile_term
from leadrelay.core.reading.prices import price_of
from leadrelay.core.reading.spec import LeadConduitSpec, OnMatch
from leadrelay.core.reading.traps import trap_in
from leadrelay.core.template.pattern import Expression
from leadrelay.core.values import Problem

Ready = TypeVar("Ready")


def compile_leadconduit(
    spec: LeadConduitSpec,
    found: list[Problem],
    *,
    codes: Codes,
    currency: tuple[Find, ...],
    namespaces: Mapping[str, str],
) -> LeadConduitReading:
    """The reading; what is wrong with it, and what is likely to surprise, is added to what was found."""
    compiler = _Compiler(spec, found, namespaces)
    term = compiler.term("outcome_search_term")
    compiler.warn(term)
    return LeadConduitReading(
        spec=spec,
        term=term,
        search_path=compiler.path("outcome_search_path"),
        reason_path=compiler.path("reason_path"),
        price_path=compiler.price_path(),
        reference_path=compiler.path("reference_path"),
        cookie_term=compiler.term("cookie_search_term"),
        capture=compiler.capture(),
        currency=currency,
        codes=codes,
        warnings=tuple(problem for problem in found if problem.is_warning),
    )


class _Compiler:
    def __init__(self, spec: LeadConduitSpec, found: list[Problem], namespaces: Mapping[str, str]) -> None:
        self._spec, self._found, self._namespaces = spec, found, namespaces

    def warn(self, term: Expression | None) -> None:
        """Of a term that is none, or that is part of its opposite."""
        spec = self._spec
        if not spec.outcome_search_term.strip():
            if spec.outcome_on_match is None:
                words = "searches for nothing, so that every reply below 500 is a success, a 404 as well"
                self._add("", f"{words}; give an `outcome_search_term`", is_warning=True)
        elif term is not None and spec.outcome_on_match in (None, OnMatch.SUCCESS):
            trap = trap_in(term, spec.outcome_search_term)
            if trap:
                self._add("outcome_search_term", trap, is_warning=True)

    def term(self, name: str) -> Expression | None:
        return self._ready(name, getattr(self._spec, name), compile_term)

    def path(self, name: str) -> Place | None:
        return self._ready(name, getattr(self._spec, name), lambda path: compile_path(path, self._namespaces))

    def price_path(self) -> Place | None:
        fallback = self._spec.fallback_price
        if fallback and price_of(fallback) is None:
            self._add("fallback_price", 'is no price; write decimal text such as "12.50"')
        return self.path("price_path")

    def capture(self) -> dict[str, Expression]:
        found: dict[str, Expression] = {}
        for name, pattern in self._spec.capture.items():
            part = f"capture.{name}"
            expression = self._ready(part, pattern, compile_term)
            if expression is not None and expression.groups:
                found[name] = expression
            elif expression is not None or not pattern.strip():
                self._add(part, "has no group; put what is to be kept into parentheses")
        return found

    def _ready(self, part: str, written: str, compiler: Callable[[str], Ready]) -> Ready | None:
        if not written.strip():
            return None
        try:
            return compiler(written)
        except ValueError as error:
            self._add(part, str(error))
            return None

    def _add(self, part: str, message: str, *, is_warning: bool = False) -> None:
        self._found.append(Problem(None, f"leadconduit.{part}".rstrip("."), message, is_warning))
