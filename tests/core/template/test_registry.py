"""Every helper keeps what its documentation promises."""

import pytest

from leadrelay.core.scope import Scope
from leadrelay.core.template import HELPERS, compile_template

EXAMPLES = [(name, *example) for name, helper in HELPERS.items() for example in helper.examples]


@pytest.mark.parametrize(("name", "source", "printed"), EXAMPLES)
def test_the_examples_of_a_helper_are_true(name: str, source: str, printed: str) -> None:
    scope = Scope({"phone_1": "5125550123", "state": "CA"}, now=1_700_000_000_000_000_000)
    assert compile_template(source)(scope) == printed, name
    assert not scope.warnings


@pytest.mark.parametrize("name", HELPERS)
def test_every_helper_says_what_it_is_for(name: str) -> None:
    assert HELPERS[name].summary.endswith(".")
    assert HELPERS[name].examples
