"""Places: every node knows where it stands."""

from leadrelay.edges.catalog.nodes import Place


def test_a_text_on_one_line_keeps_its_line() -> None:
    assert [Place("c.yaml", 7, 3).line_of(line) for line in (1, 2)] == [7, 7]


def test_a_block_text_counts_from_its_first_line() -> None:
    assert [Place("c.yaml", 7, 3, text_line=8).line_of(line) for line in (1, 2, 5)] == [8, 9, 12]
