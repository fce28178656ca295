"""`make demo` as a newcomer or a CI machine runs it: a process of its own, with nothing left behind."""

import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEMO = ROOT / "examples" / "demo.py"
UP_AND_RUNNING = re.compile(r"[1-9]\d* of \d+ leads settled")  # the display's second line, 2 s into the run
LEADS = 260  # of examples/leads.csv
FEW = ("--leads", "40")
SECONDS = 60.0  # for a run on a busy machine
NUMBER = r"\s+(-|[\d,.]+)"


def environment(**more: str) -> dict[str, str]:
    hidden = ("FORCE_COLOR", "NO_COLOR", "COLUMNS", "TTY_COMPATIBLE", "OTEL_EXPORTER_OTLP_ENDPOINT")
    kept = {name: value for name, value in os.environ.items() if name not in hidden}
    return {**kept, "PYTHONPATH": f"{ROOT / 'server'}:{ROOT / 'clients' / 'python'}", **more}


def run(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, DEMO, "--folder", ".", *options],
        cwd=folder,
        env=environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


class Playing:
    """A run that is under way, with all leads, so that it takes some seconds more."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.said = ""

    def hear(self, pattern: re.Pattern[str]) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.said += line
            if pattern.search(line):
                return
        pytest.fail(f"it ended without saying {pattern.pattern!r}:\n{self.said}")

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self) -> int:
        assert self._process.stdout is not None
        self.said += self._process.stdout.read()
        return self._process.wait(SECONDS)


@contextmanager
def playing(folder: Path) -> Iterator[Playing]:
    with subprocess.Popen(
        [sys.executable, DEMO, "--folder", "."],
        cwd=folder,
        env=environment(PYTHONUNBUFFERED="1"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    ) as process:
        try:
            one = Playing(process)
            one.hear(UP_AND_RUNNING)
            yield one
        finally:
            process.kill()


def started(said: str) -> dict[str, int]:
    """The processes of a run by name, as it told them."""
    return {name: int(pid) for name, pid in re.findall(r"^  (recipients|server) .*process (\d+)", said, re.M)}


def is_running(pid: int) -> bool:
    """Not so for one that has ended and that nobody has asked after yet."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def assert_nothing_is_left(said: str, within: float = 0.0) -> None:
    pids = started(said)
    assert set(pids) == {"recipients", "server"}, said
    deadline = time.monotonic() + within
    while (left := [name for name, pid in pids.items() if is_running(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not left


def rows(said: str, title: str, columns: int) -> dict[str, list[float]]:
    """The first numbers of each row of a table, by the row's name."""
    table = said.partition(f"\n  {title}")[2].partition("──\n")[2]
    lines = re.findall(rf"^  (\w+){NUMBER * columns}", table.partition("\n  Reasons")[0], re.M)
    return {
        name: [0.0 if number == "-" else float(number.replace(",", "")) for number in numbers]
        for name, *numbers in lines
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def first(folder: Path) -> subprocess.CompletedProcess[str]:
    return run(folder)


def test_a_run_ends_well_and_leaves_nothing_running(first: subprocess.CompletedProcess[str]) -> None:
    assert first.returncode == 0, first.stdout
    assert_nothing_is_left(first.stdout)


def test_without_a_terminal_it_writes_plain_lines(first: subprocess.CompletedProcess[str]) -> None:
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", first.stdout)
    assert f"{LEADS} of {LEADS} leads settled" in first.stdout
    lines = [line.rstrip() for line in first.stdout.splitlines() if "trace --data" not in line]
    assert max(len(line) for line in lines) <= 100


def test_every_row_of_every_table_adds_up(first: subprocess.CompletedProcess[str]) -> None:
    destinations = rows(first.stdout, "Destinations", columns=7)
    assert len(destinations) == 11
    for tried, _, accepted, rejected, errors, unresolved, _ in destinations.values():
        assert tried == accepted + rejected + errors + unresolved
    flows = rows(first.stdout, "Flows", columns=5)
    assert list(flows) == ["single", "waterfall", "parallel", "conditional", "auction", "doubtful", "all"]
    for leads, success, failure, error, unresolved in flows.values():
        assert leads == success + failure + error + unresolved
    assert flows.pop("all") == [sum(numbers) for numbers in zip(*flows.values(), strict=True)]
    shares = [numbers[0] for numbers in flows.values()]
    assert sum(shares) == LEADS
    assert max(shares) - min(shares) <= 1


def test_it_shows_rejections_retries_and_a_recipient_that_is_down(
    first: subprocess.CompletedProcess[str],
) -> None:
    destinations = rows(first.stdout, "Destinations", columns=7)
    assert destinations["premium_buyer"][3] > 0
    assert destinations["standard_buyer"][1] > destinations["standard_buyer"][0]
    tried, tries, accepted, _, errors, _, _ = destinations["down_partner"]
    assert (accepted, errors, tries) == (0, tried, 2 * tried)


def test_it_shows_bids_that_are_no_sales(first: subprocess.CompletedProcess[str]) -> None:
    bids = rows(first.stdout, "Bids", columns=5)
    assert list(bids) == ["northstar_ping", "meadow_ping"]
    for asked, count, none, late, errors in bids.values():
        assert asked == count + none + late + errors
        assert count > 0
    assert sum(late for _, _, _, late, _ in bids.values()) > 0
    sold = rows(first.stdout, "Destinations", columns=7)
    assert sold["northstar_post"][2] > 0
    assert sold["northstar_post"][2] <= bids["northstar_ping"][1]


def test_an_answer_that_never_came_is_resolved(first: subprocess.CompletedProcess[str]) -> None:
    told = re.search(
        r"(\d+) leads rested.*it has\s+(\d+), which.*never\s+had\s+(\d+), which.*who\s+took\s+(\d+)\.",
        first.stdout,
        re.S,
    )
    assert told is not None, first.stdout
    rested, had, had_not, after = map(int, told.groups())
    assert rested == had + had_not
    assert min(had, had_not) > 0
    assert 0 < after <= had_not
    assert rows(first.stdout, "Destinations", columns=7)["forgetful_buyer"][5] == 0, "none is unresolved now"


def test_it_shows_a_cap_that_fills_and_a_recipient_that_is_closed(
    first: subprocess.CompletedProcess[str],
) -> None:
    """Behaviour 7: every destination that was not tried says why."""
    destinations = rows(first.stdout, "Destinations", columns=7)
    assert 20 <= destinations["dialer"][2] <= 40  # twenty a minute, and a run may see a new one begin
    assert re.search(r"skipped +\d+ +cap_full +cap per minute 'seats' full: 20 of 20", first.stdout)
    assert destinations["weekend_desk"][0] == 0
    assert re.search(r"weekend_desk +skipped +\d+ +closed +closed, opens 20\d\d-", first.stdout)


def test_the_recipients_own_ledgers_were_asked(first: subprocess.CompletedProcess[str]) -> None:
    assert re.search(r"✓ the recipients' own ledgers name the same leads", first.stdout)
    assert "✓ no recipient was sold a lead twice" in first.stdout
    assert "✗" not in first.stdout.partition("Does it add up?")[2].partition("The way of one lead")[0]


def test_the_trace_that_it_draws_can_be_drawn_again(
    first: subprocess.CompletedProcess[str], folder: Path
) -> None:
    lead = re.search(r"trace --data (\S+) (\S+)", first.stdout)
    assert lead is not None
    told = " ".join(first.stdout.split())
    assert re.search(r"rejected by premium_buyer,.* accepted by standard_buyer at the 2nd try\. This", told)
    again = subprocess.run(
        [sys.executable, "-m", "leadrelay", "trace", "--data", lead[1], lead[2]],
        cwd=folder,
        env=environment(COLUMNS="98"),
        capture_output=True,
        encoding="utf-8",
        check=True,
    ).stdout
    assert all(line.rstrip() in first.stdout for line in again.splitlines())


def test_a_second_run_on_the_same_folder_delivers_new_leads(
    first: subprocess.CompletedProcess[str], folder: Path
) -> None:
    second = run(folder, *FEW)
    assert second.returncode == 0, second.stdout
    assert "added" in first.stdout
    assert "is version 1, as before" in second.stdout
    assert rows(second.stdout, "Flows", columns=5)["all"][0] == 40
    assert "earlier run" not in second.stdout


def test_where_its_port_is_taken_it_uses_others(tmp_path: Path) -> None:
    with closing(socket.socket()) as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with suppress(OSError):  # taken by somebody else, which is as good
            taken.bind(("127.0.0.1", 7480))
            taken.listen()
        done = run(tmp_path, *FEW)
    assert done.returncode == 0, done.stdout
    assert "port 7480 is taken" in done.stdout
    assert "http://127.0.0.1:7480 " not in done.stdout
    assert_nothing_is_left(done.stdout)


def test_on_a_terminal_it_draws_in_place(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, DEMO, "--folder", ".", *FEW],
        cwd=tmp_path,
        env=environment(COLUMNS="100", LINES="40", TERM="xterm-256color", NO_COLOR="1"),
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    ) as process:
        os.close(theirs)
        seen = b""
        with suppress(OSError):  # how Linux says that the other side has closed
            while piece := os.read(ours, 65536):
                seen += piece
        os.close(ours)
        said = seen.decode()
        assert process.wait(SECONDS) == 0, said
    assert "\x1b[1A" in said  # upwards, to draw again
    assert re.search(r"\d+ a second", said)
    assert not re.search(r"\x1b\[[\d;]*[34]\d[\d;]*m", said)  # NO_COLOR: bold and dim, but no colour
    assert_nothing_is_left(re.sub(r"\x1b\[[^A-Za-z]*[A-Za-z]", "", said))


def test_a_server_that_is_killed_is_explained_and_its_leads_are_taken_up_by_the_next_run(
    tmp_path: Path,
) -> None:
    with playing(tmp_path) as demo:
        os.kill(started(demo.said)["server"], signal.SIGKILL)
        assert demo.end() == 1, demo.said
    assert "Traceback" not in demo.said
    assert "The server died of SIGKILL" in demo.said
    unheard = re.search(r"(\d+) were accepted and not heard", demo.said)
    kept = re.search(r"keeps (\d+) leads that did not settle", demo.said)
    assert unheard is not None
    assert kept is not None
    named = demo.said.partition("Accepted and not heard of to the end:")[2].partition("The journal")[0]
    assert len(re.findall(r"demo-\d{4} [0-9a-f-]{36}", named)) == int(unheard[1]) > 0
    assert_nothing_is_left(demo.said)

    after = run(tmp_path, *FEW)
    assert after.returncode == 0, after.stdout
    assert f"takes up {kept[1]} leads that an earlier run left unsettled" in after.stdout
    told = re.search(r"✓ took up (\d+) leads of an earlier run: (.*)", after.stdout)
    assert told is not None
    assert int(told[1]) == int(kept[1]) == sum(int(number) for number in re.findall(r"\d+", told[2]))


def test_ctrl_c_stops_it_and_all_that_it_started(tmp_path: Path) -> None:
    with playing(tmp_path) as demo:
        demo.signal(signal.SIGINT)
        assert demo.end() == 130, demo.said
    assert "Traceback" not in demo.said
    assert_nothing_is_left(demo.said)


def test_what_it_started_ends_with_it_even_when_it_is_killed(tmp_path: Path) -> None:
    with playing(tmp_path) as demo:
        assert all(is_running(pid) for pid in started(demo.said).values())
        demo.signal(signal.SIGKILL)
        assert demo.end() == -signal.SIGKILL
    assert_nothing_is_left(demo.said, within=20)


def test_recipients_that_die_are_explained(tmp_path: Path) -> None:
    with playing(tmp_path) as demo:
        os.kill(started(demo.said)["recipients"], signal.SIGKILL)
        assert demo.end() == 1, demo.said
    assert "the recipients died of SIGKILL in the middle of the run" in demo.said
    assert "Traceback" not in demo.said
    assert_nothing_is_left(demo.said)
