"""The callers' file: hashes of keys, scopes, and changes that count without a restart (behaviour 9)."""

from datetime import date
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock

from fakes import TrioClock
from leadrelay.auth.api_keys import (
    LOOK_AGAIN,
    ApiKeys,
    BadKeys,
    Entry,
    checked,
    new_key,
    parse_flows,
    parse_until,
    parse_verbs,
    read_entries,
    write_entries,
)
from leadrelay.core.callers import Caller

FORMS = Caller(name="web-forms", verbs=frozenset({"deliver", "watch"}), flows=("loans", "auto-*"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "callers"


def known(path: Path, *entries: Entry) -> ApiKeys:
    write_entries(path, entries)
    return ApiKeys(path, TrioClock())


def test_what_is_written_is_read_back_and_holds_no_key(path: Path) -> None:
    key, entry = new_key(Entry(caller=FORMS, until=date(2027, 3, 31)))
    partner = Entry(caller=Caller(name="partner"), certificate="relay.partner.example")
    write_entries(path, [entry, partner])
    assert read_entries(path) == [entry, partner]
    assert key not in path.read_text()
    assert key.rpartition("_")[2] not in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_keys_are_long_and_never_the_same() -> None:
    keys = {new_key(Entry(caller=FORMS))[0] for _ in range(50)}
    assert len(keys) == 50
    assert all(len(key.rpartition("_")[2]) == 64 for key in keys)  # 256 bits in hex


async def test_a_key_is_known_again_and_no_other_is(path: Path) -> None:
    key, entry = new_key(Entry(caller=FORMS))
    keys = known(path, entry)
    assert keys.of_key(key) == FORMS
    other, _ = new_key(Entry(caller=FORMS))
    nearly = key[:-1] + ("0" if key[-1] != "0" else "1")
    for wrong in (other, nearly, key + "0", key[:-1], key.upper(), entry.hash, "", "ä", " " + key):
        assert keys.of_key(wrong) is None


async def test_a_key_counts_until_the_end_of_its_last_day(path: Path) -> None:
    class Day(TrioClock):
        moment = 0

        def now(self) -> int:
            return self.moment

    clock = Day()
    key, entry = new_key(Entry(caller=FORMS, until=date(2027, 3, 31)))
    write_entries(path, [entry])
    keys = ApiKeys(path, clock)
    clock.moment = 1_806_537_599_000_000_000  # 2027-03-31 23:59:59 UTC
    assert keys.of_key(key) == FORMS
    clock.moment += 1_000_000_000
    assert keys.of_key(key) is None


async def test_a_certificate_is_known_by_any_of_its_names(path: Path) -> None:
    keys = known(path, Entry(caller=FORMS, certificate="relay.example"))
    assert keys.of_certificate(["other.example", "relay.example"]) == FORMS
    assert keys.of_certificate(["other.example"]) is None
    assert keys.of_certificate([]) is None


async def test_a_change_counts_within_a_second_and_half_a_file_shuts_nobody_out(
    path: Path, autojump_clock: MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    key, entry = new_key(Entry(caller=FORMS))
    keys = known(path, entry)
    await trio.Path(path).write_text("web-forms key=half")
    await trio.sleep(LOOK_AGAIN)
    assert keys.of_key(key) == FORMS
    assert "the callers stay as they were" in caplog.text
    write_entries(path, [])
    await trio.sleep(LOOK_AGAIN)
    assert keys.of_key(key) is None
    assert len(keys) == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("forms", "needs either `key=` or `certificate=`"),
        ("forms key=abc", "`key=` is no hash of a key; `leadrelay keys new` makes both"),
        ("forms certificate=a verb=deliver", "`verb` is none of key=, certificate=, verbs=, flows=, until="),
        ("forms certificate=a verbs=sell", "`sell` is no verb; there are deliver, watch, steer,"),
        (
            "forms certificate=a flows=a,b/c",
            "`b/c` is no flow: write a name, or the beginning of names before a `*`",
        ),
        (
            "forms certificate=a flows=a verbs=apply",
            "the verb `apply` is about all flows; with flows go deliver,",
        ),
        ("forms certificate=a verbs=,", "`` is no verb; there are deliver,"),
        ("forms certificate=a flows=loans,", "`` is no flow: write a name,"),
        ("forms certificate=a until=soon", "`soon` is no day, such as 2027-03-31"),
        ("fo/rms certificate=a", "`fo/rms` is no name: letters, digits,"),
        ("ok certificate=b", "there is a ok already; names are unique"),
    ],
)
def test_a_mistake_is_told_with_its_line(path: Path, line: str, words: str) -> None:
    path.write_text(f"# callers\n\nok certificate=a\n{line}\n")
    with pytest.raises(BadKeys) as caught:
        read_entries(path)
    assert str(caught.value).startswith(f"{path}:4: {words}")


def test_a_file_that_cannot_be_read_says_so(path: Path) -> None:
    with pytest.raises(BadKeys, match="cannot be read: No such file"):
        read_entries(path)
    path.write_bytes(b"\xff")
    with pytest.raises(BadKeys, match="not text in UTF-8"):
        read_entries(path)


def test_scopes_are_read_from_words() -> None:
    assert parse_verbs("deliver,watch") == {"deliver", "watch"}
    assert parse_flows("loans,auto-*") == ("loans", "auto-*")
    assert parse_flows("loans,*") == ()
    assert parse_until("2027-03-31") == date(2027, 3, 31)
    assert checked("forms", frozenset(), ("loans",)).verbs == {"deliver", "watch", "steer"}


def test_a_file_that_cannot_be_put_in_place_leaves_the_old_one(path: Path) -> None:
    _, entry = new_key(Entry(caller=FORMS))
    write_entries(path, [entry])
    with pytest.raises(AttributeError):
        write_entries(path, ["no entry"])  # type: ignore[list-item]
    assert read_entries(path) == [entry]
    assert [each.name for each in path.parent.iterdir()] == [path.name]
