"""Holds the tests to be a mirror of the package, file for file: nobody has to search for a module's tests.

`tests/a/b/test_x.py` tests `server/leadrelay/a/b/x.py`, or the package `x` or `b` there; `test_x_and_more.py`
tests a part of it, and `test_b_x.py` is `x.py` too, for where another folder has an `x`. Some folders tell
stories that belong to no single module. A module with nothing to run (values, protocols) needs no test.

    python scripts/check_mirror.py [ROOT]
"""

import argparse
import ast
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE, TESTS = Path("server/leadrelay"), Path("tests")

# Folders of tests that mirror nothing, and what they hold instead.
STORIES = {
    "canaries": "secrets through every protocol and failure of the whole server",
    "clients": "the clients, which are distributions of their own",
    "conformance": "one suite per port, run against all that implement it",
    "crash": "the real process, killed",
    "examples": "what stands in examples/",
    "presets": "what stands in examples/presets, against doubles of the services",
    "scripts": "what stands in scripts/",
    "simulation": "the whole engine under faults",
    "stories": "the whole server, seen from outside",
}
GENERATED = "v1"
# Tests that cover modules without a test of their own, why they do it better, and which modules.
ELSEWHERE: dict[str, tuple[str, tuple[str, ...]]] = {
    "adapters/direct/test_http2.py": (
        "a stream is what its connection makes of it",
        ("adapters/direct/stream.py",),
    ),
    "adapters/direct/test_direct_wire.py": (
        "what a peer tells or refuses means something only for the delivery",
        ("adapters/direct/refusal.py", "adapters/direct/telling.py"),
    ),
    "core/reading/test_matching.py": (
        "a path means something only in a match",
        ("core/reading/folding.py", "core/reading/paths.py"),
    ),
    "core/reading/test_jsonpath.py": (
        "a path is text in and values out; what is between may change",
        tuple(f"core/reading/jsonpath/{name}.py" for name in ("evaluating", "filters", "parsing")),
    ),
    "core/reading/test_leadconduit.py": (
        "its settings are looked up in replies, and mean something only there",
        tuple(
            f"core/reading/leadconduit/{name}.py"
            for name in ("compiling", "documents", "places", "reading", "terms")
        ),
    ),
    "core/reading/test_xpath.py": (
        "an expression is text in and values out, or too much",
        (
            "core/reading/budget.py",
            *(
                f"core/reading/xpath/{name}.py"
                for name in ("evaluating", "functions", "operators", "parsing", "steps", "tokens")
            ),
        ),
    ),
    "core/reading/test_reading.py": (
        "where a reading looks, and what a status means to it",
        ("core/reading/finding.py", "core/reading/status.py"),
    ),
    "core/template/test_template.py": (
        "a template is text in and a value out; what is between may change",
        tuple(f"core/template/{name}.py" for name in ("closures", "lexer", "parser", "syntax")),
    ),
    "core/test_plan.py": (
        "a plan is answers in and the next step out; what is between may change",
        ("core/walk.py", "core/endings.py", "core/settlement.py"),
    ),
    "edges/cli/test_simulate.py": ("what is staged is seen where it is played", ("edges/staging.py",)),
    "edges/catalog/test_compile_soap.py": (
        "what a file says to a catalog is told with the catalog's lines",
        ("adapters/soap/check.py",),
    ),
    "stories/test_delivering.py": (
        "the composition root decides nothing; that the parts fit is seen from outside",
        ("assembly.py",),
    ),
    "stories/test_command_line.py": ("it runs the command", ("__main__.py",)),
}


def main() -> int:
    """Exit 0: a mirror; 1: it is not, and where."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="the checkout")
    root = parser.parse_args().root
    found = [*strays(root), *untested(root, ELSEWHERE)]
    for line in found:
        print(line, file=sys.stderr)
    print(f"the tests are {'no' if found else 'a'} mirror of {PACKAGE}, {len(found)} findings")
    return 1 if found else 0


def strays(root: Path) -> Iterator[str]:
    """Tests that mirror no module."""
    for test in sorted((root / TESTS).rglob("test_*.py")):
        path = test.relative_to(root / TESTS)
        if path.parts[0] not in STORIES and mirrored(root, path) is None:
            yield f"{TESTS / path}: there is no {PACKAGE / path.parent / path.name.removeprefix('test_')}"


def untested(root: Path, elsewhere: Mapping[str, tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Modules that run something and have no test, and exceptions that are none any more."""
    tests = [test.relative_to(root / TESTS) for test in (root / TESTS).rglob("test_*.py")]
    excused = {Path(name) for _, names in elsewhere.values() for name in names}
    tested = {mirrored(root, test) for test in tests if test.parts[0] not in STORIES}
    for module in sorted((root / PACKAGE).rglob("*.py")):
        path = module.relative_to(root / PACKAGE)
        if path.parts[0] == GENERATED or not runs_something(module):
            continue
        if path not in tested and path not in excused:
            yield f"{PACKAGE / path}: there is no {TESTS / _test_of(path)}"
    for test_name, (_, names) in elsewhere.items():
        if not (root / TESTS / test_name).is_file():
            yield f"{TESTS / test_name}: is not there, and ELSEWHERE names it"
        for name in names:
            if Path(name) in tested or not (root / PACKAGE / name).is_file():
                yield f"{PACKAGE / name}: is no exception any more; take it out of ELSEWHERE"


def mirrored(root: Path, test: Path) -> Path | None:
    """The module that a test is about by its name, as a path in the package; the longest name wins."""
    words = test.stem.removeprefix("test_").split("_")
    for length in range(len(words), 0, -1):
        for path in _candidates(test.parent, "_".join(words[:length])):
            if (root / PACKAGE / path).is_file():
                return path
    return None


def _candidates(folder: Path, name: str) -> Iterator[Path]:
    yield folder / f"{name}.py"
    yield folder / name / "__init__.py"
    if name == folder.name:
        yield folder / "__init__.py"
    elif name.startswith(f"{folder.name}_"):
        yield folder / f"{name.removeprefix(f'{folder.name}_')}.py"


def _test_of(module: Path) -> Path:
    name = module.parent.name if module.stem == "__init__" else module.stem
    return module.parent / f"test_{name}.py"


def runs_something(module: Path) -> bool:
    """Whether a function, `__init__` aside, has a body: more than a docstring, `...` or `pass`."""
    return any(
        not all(isinstance(line, ast.Pass) or _is_constant(line) for line in node.body)
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name != "__init__"
    )


def _is_constant(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)


if __name__ == "__main__":
    sys.exit(main())
