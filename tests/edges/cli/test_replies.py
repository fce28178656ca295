"""Scripts of replies are read as strictly as a catalog is."""

from pathlib import Path
from textwrap import dedent

import pytest

from catalog_texts import loaded, of_flow
from leadrelay.core.catalog import Catalog
from leadrelay.core.scope import Scope
from leadrelay.edges.cli.exits import Exit, Stop
from leadrelay.edges.cli.replies import Lines, read_replies
from leadrelay.runtime.simulation.script import Fate


@pytest.fixture
def catalog() -> Catalog:
    return loaded(of_flow("- deliver: a\n- deliver: b")).catalog


def read(folder: Path, catalog: Catalog, text: str) -> Lines:
    path = folder / "r.yaml"
    path.write_text(dedent(text))
    return read_replies(path, catalog)


def test_everything_that_a_line_may_say(tmp_path: Path, catalog: Catalog) -> None:
    lines = read(
        tmp_path,
        catalog,
        """
        destinations:
        - name: a
          replies:
          - {when: loan_amount > 5, times: 2, after: 200ms, until: 2s, reply: {status: 422, body: {why: no}}}
          - {share: 70, reply: {headers: {Content-Type: text/plain}, body: "plain"}}
          - {share: 30, lost: true}
        - {name: b, replies: [{refused: true}, {silent: true}, {}]}
        """,
    )
    first, plain, lost = lines["a"]
    assert (first.times, first.after, first.until, first.share) == (2, 0.2, 2, None)
    assert (first.reply.status, first.reply.body) == (422, b'{"why":"no"}')
    assert first.when is not None
    assert first.when.holds(Scope({"loan_amount": "6"}))
    assert (plain.share, plain.reply.body, plain.fate) == (70, b"plain", Fate.ANSWERED)
    assert (lost.fate, lost.share) == (Fate.LOST, 30)
    assert [line.fate for line in lines["b"]] == [Fate.REFUSED, Fate.SILENT, Fate.ANSWERED]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("- {name: c}", "destinations[c].name: there is no destination `c`; there are: `a`, `b`"),
        ("- {replies: []}", "destinations[0]: needs a `name`, that of a destination"),
        (
            "- {name: a}\n- {name: a}",
            "destinations[a].name: `a` is here a second time; put all",
        ),
        ("- {name: a, reply: {}}", "destinations[a]: unknown key `reply`"),
        ("- {name: a, replies: [{share: 0}]}", "destinations[a].replies[0].share: must be more than zero"),
        ("- {name: a, replies: [{lost: true, refused: true}]}", "destinations[a].replies[0]: `lost` and"),
        (
            "- {name: a, replies: [{reply: {status: 42}}]}",
            "destinations[a].replies[0].reply.status: is no",
        ),
        ("- {name: a, replies: [{when: 'state ='}]}", "destinations[a].replies[0].when: at column 7"),
        (
            "- {name: a, replies: [{when: zq == 1}]}",
            "destinations[a].replies[0].when: no field is called",
        ),
        ("- {name: a, replies: [{after: soon}]}", "destinations[a].replies[0].after: "),
    ],
)
def test_a_slip_is_told_with_its_line(
    tmp_path: Path, catalog: Catalog, capsys: pytest.CaptureFixture[str], text: str, problem: str
) -> None:
    with pytest.raises(Stop) as stop:
        read(tmp_path, catalog, f"destinations:\n{text}\n")
    assert stop.value.code is Exit.USAGE
    (told,) = capsys.readouterr().err.splitlines()
    assert f"r.yaml:{3 if text.count('name') > 1 else 2}: {problem}" in told


def test_a_file_that_is_not_there_is_told(
    tmp_path: Path, catalog: Catalog, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Stop):
        read_replies(tmp_path / "none.yaml", catalog)
    assert "none.yaml: cannot be read: No such file" in capsys.readouterr().err
