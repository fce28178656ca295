"""Envelopes: opened with the right key and whole, or not at all (behaviour 9)."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from leadrelay.auth.envelope import DamagedSecret, rewrap, seal, unseal
from leadrelay.auth.keyring import Key, key_of, new_key
from leadrelay.core.sealed import Sealed

OLD, NEW = key_of(new_key()), key_of(new_key())
CANARY = "hüsh-4711-canary"
AT = 1_764_000_000_000_000_000


def an_envelope(name: str = "crm-token", value: str = CANARY, key: Key = OLD) -> Sealed:
    return seal(name, value, version=3, at=AT, key=key)


def spoiled(whole: bytes) -> Iterator[bytes]:
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 0x01
        yield bytes(changed)
    for length in range(len(whole)):
        yield whole[:length]
    yield whole + b"\0"


def tampered(sealed: Sealed) -> Iterator[Sealed]:
    """Every byte of every part changed, one at a time; each part cut short and made longer."""
    for changed in spoiled(sealed.data_key):
        yield replace(sealed, data_key=changed)
    for changed in spoiled(sealed.content):
        yield replace(sealed, content=changed)
    for place, letter in enumerate(sealed.name):
        yield replace(sealed, name=sealed.name[:place] + chr(ord(letter) ^ 1) + sealed.name[place + 1 :])
    yield replace(sealed, name=sealed.name + "\n3")
    for bit in range(63):
        yield replace(sealed, version=sealed.version ^ (1 << bit))
        yield replace(sealed, updated_at=sealed.updated_at ^ (1 << bit))


@pytest.mark.parametrize("value", ["x", CANARY, "two\nlines\n", "k" * 65536])
def test_what_was_sealed_is_opened_again(value: str) -> None:
    assert unseal(an_envelope(value=value), OLD) == value


def test_any_change_to_an_envelope_is_refused_by_name_and_without_the_value() -> None:
    count = 0
    for changed in tampered(an_envelope()):
        with pytest.raises(DamagedSecret) as caught:
            unseal(changed, OLD)
        assert changed.name in str(caught.value)
        assert CANARY not in str(caught.value)
        count += 1
    assert count > 300


def test_a_key_id_is_bound_too() -> None:
    """An envelope cannot be made to look as if another of our keys were enough for it."""
    with pytest.raises(DamagedSecret):
        unseal(replace(an_envelope(), key_id=NEW.id), OLD)


def test_the_parts_of_two_envelopes_cannot_be_exchanged() -> None:
    one, two = an_envelope("one"), an_envelope("two")
    for mixed in (
        replace(one, data_key=two.data_key),
        replace(one, content=two.content),
        replace(one, data_key=two.data_key, content=two.content),
    ):
        with pytest.raises(DamagedSecret):
            unseal(mixed, OLD)


def test_an_older_value_of_the_same_name_does_not_fit_a_newer_row() -> None:
    older = seal("crm", "old", version=2, at=AT - 1, key=OLD)
    newer = seal("crm", "new", version=3, at=AT, key=OLD)
    with pytest.raises(DamagedSecret):
        unseal(replace(newer, data_key=older.data_key, content=older.content), OLD)


def test_another_key_opens_nothing() -> None:
    with pytest.raises(DamagedSecret):
        unseal(an_envelope(), NEW)


def test_every_envelope_has_a_data_key_and_nonces_of_its_own() -> None:
    envelopes = [an_envelope() for _ in range(50)]
    for part in ("data_key", "content"):
        whole = [getattr(envelope, part) for envelope in envelopes]
        assert len({each[:12] for each in whole}) == len({each[12:] for each in whole}) == 50


def test_a_new_key_takes_over_without_the_value_being_touched() -> None:
    before = an_envelope()
    after = rewrap(before, OLD, NEW)
    assert unseal(after, NEW) == CANARY
    assert after.key_id == NEW.id
    assert replace(after, key_id=before.key_id, data_key=before.data_key) == before
    with pytest.raises(DamagedSecret):
        unseal(after, OLD)


def test_a_damaged_envelope_is_not_put_under_a_new_key() -> None:
    for changed in tampered(an_envelope()):
        if changed.content == an_envelope().content:
            with pytest.raises(DamagedSecret):
                rewrap(changed, OLD, NEW)


def test_an_envelope_shows_neither_its_value_nor_its_ciphertexts() -> None:
    sealed = an_envelope()
    assert CANARY not in repr(sealed)
    assert repr(sealed.content) not in repr(sealed)
    assert CANARY.encode() not in sealed.content + sealed.data_key
