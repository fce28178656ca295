"""What a whole sample of previewed leads came to, told as remarks."""

import sys
from collections import Counter

from leadrelay.edges.cli.exits import Exit
from leadrelay.edges.cli.saying import say
from leadrelay_client.v1.catalog_service_pb2 import PreviewResponse

EVERY = 100  # leads between two signs of life


class Tally:
    """Counts leads, and for each path how many leads something was sent there for."""

    def __init__(self, *, is_shown: bool) -> None:
        self._leads: Counter[str] = Counter()
        self._sent: Counter[str] = Counter()  # leads by path
        self._mapped = 0
        self._is_shown = is_shown

    def add(self, seen: PreviewResponse) -> None:
        self._leads["all"] += 1
        self._leads["with problems" if seen.problems else "with warnings" if seen.warnings else "ok"] += 1
        self._mapped += bool(seen.values)
        sent = {value.to for value in seen.values if value.value}
        for to in dict.fromkeys(value.to for value in seen.values):
            self._sent[to] += to in sent
        if self._is_shown and self._leads["all"] % EVERY == 0:
            print(f"\r{self._leads['all']} leads", end="", file=sys.stderr, flush=True)

    @property
    def is_empty(self) -> bool:
        return not self._leads

    def tell(self) -> Exit:
        if self._is_shown:
            print("\r", end="", file=sys.stderr)
        sys.stdout.flush()
        counts = [f"{self._leads[word]} {word}" for word in ("ok", "with warnings", "with problems")]
        say(f"{self._leads['all']} lead(s): {', '.join(counts)}")
        never = [to for to, count in self._sent.items() if not count]
        some = [f"{to} ({count})" for to, count in self._sent.items() if 0 < count < self._mapped]
        for words, paths in (("none", never), ("some", some)):
            if paths:
                say(f"sent for {words} of them: {', '.join(paths)}")
        return Exit.FAILURE if self._leads["with problems"] else Exit.OK
