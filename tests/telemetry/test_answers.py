"""A collector's yes is a yes, whatever else it says."""

from leadrelay.telemetry.answers import MAX_WORDS, Taken, taken
from telemetry.collectors import partly


def test_an_empty_answer_takes_everything() -> None:
    assert taken(b"") == Taken()


def test_rejected_spans_and_words_are_read() -> None:
    assert taken(partly(3, "too old")) == Taken(rejected=3, words="too old")


def test_words_are_cut_to_a_log_line() -> None:
    assert len(taken(partly(1, "x" * 10_000)).words) == MAX_WORDS


def test_an_answer_that_is_no_protobuf_is_still_a_yes() -> None:
    assert taken(b"\xff\xff\xff") == Taken()
