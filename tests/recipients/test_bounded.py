"""A recipient's memory never grows without end."""

from leadrelay.recipients.bounded import Bounded


def test_the_oldest_entry_goes_when_a_new_one_would_be_too_many() -> None:
    memory: Bounded[str, int] = Bounded(2)
    for value, key in enumerate(["a", "b", "c"]):
        memory.put(key, value)
    assert list(memory.items()) == [("b", 1), ("c", 2)]
    assert "a" not in memory
    assert len(memory) == 2
    assert memory.forgotten == 1


def test_a_changed_entry_keeps_its_place_and_costs_nobody_theirs() -> None:
    memory: Bounded[str, int] = Bounded(2)
    memory.put("a", 1)
    memory.put("b", 1)
    memory.put("a", 2)
    assert list(memory.items()) == [("a", 2), ("b", 1)]
    assert memory.forgotten == 0
