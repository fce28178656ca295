"""A recorded lead under another catalog: its recipients answer as they did, and are read anew."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from edges.market import a_market
from leadrelay.core.outcome import Kind, Outcome, ReasonCode, Result
from leadrelay.edges.catalog.load import SourceFile, load
from leadrelay.edges.replaying import NotReplayed, Replay, Replayed
from leadrelay.journal.journal import open_journal
from servers import ACCEPTS, a_catalog, a_destination, a_flow, a_server, deliver, recipients

ASSUMED = Outcome(kind=Kind.HARD_REJECT, words="assumed")
Catalog = dict[str, Any]
Edit = Callable[[Catalog], None]


async def replayed(folder: Path, *names: str, edit: Edit = lambda _: None) -> list[Replayed]:
    """These leads, sold in the market and then run against its catalog as `edit` left it."""
    async with a_market(folder) as market:
        ids = [await market.sell(name) for name in names]
    catalog = orjson.loads((folder / "catalog.yaml").read_bytes())
    edit(catalog)
    file = SourceFile("new.yaml", orjson.dumps(catalog).decode())
    replay = Replay(load([file], secret_names=None).catalog, ASSUMED)
    async with open_journal(folder / "data", read_only=True) as journal:
        recorded = [await journal.read(lead_id) for lead_id in ids]
    return [replay.run(entries) for entries in recorded]


def buyer(catalog: Catalog) -> Catalog:
    found: Catalog = catalog["destinations"][0]
    return found


async def test_under_the_same_catalog_nothing_is_otherwise(tmp_path: Path) -> None:
    """A yes, a no and one of which nobody knows."""
    told = await replayed(tmp_path, "Ann", "Bob", "Eve")
    assert [each.differs for each in told] == [False, False, False]
    assert [each.after.result for each in told] == [Result.SUCCESS, Result.FAILURE, Result.UNRESOLVED]


async def test_when_a_signature_was_made_is_no_difference(tmp_path: Path) -> None:
    """A second try is signed anew, seconds after the first (behaviour 4.2)."""
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "hook").write_text("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    auth = [{"standard_webhooks": {"keys": [{"secret": "hook"}]}}]
    async with recipients(buyer=ACCEPTS) as served:
        destination = a_destination("buyer", served["buyer"].port, auth=auth)
        path = a_catalog(tmp_path, destination, a_flow("loans", {"deliver": "buyer"}))
        async with a_server(tmp_path, path, secrets=tmp_path / "secrets") as address:
            settled = await deliver(address, "loans")
    catalog = load([SourceFile("c.yaml", path.read_text())], secret_names=None).catalog
    async with open_journal(tmp_path / "data", read_only=True) as journal:
        recorded = await journal.read(settled.lead_id)
    later = [replace(entry, at=entry.at + 5 * 10**9) for entry in recorded]
    assert not Replay(catalog, ASSUMED).run(later).differs


async def test_a_changed_mapping_shows_the_lines_of_the_request_that_differ(tmp_path: Path) -> None:
    def edit(catalog: Catalog) -> None:
        buyer(catalog)["mapping"][1]["value"] = "{{uppercase first_name}}"

    (ann,) = await replayed(tmp_path, "Ann", edit=edit)
    (change,) = ann.changes
    assert [line.strip() for line in change.request if "name" in line] == [
        '- > {"name":"Ann"}',
        '+ > {"name":"ANN"}',
    ]
    assert ann.after.result is Result.SUCCESS, "the recipient answers as it did"


async def test_a_changed_reading_is_tried_on_the_replies_that_were_recorded(tmp_path: Path) -> None:
    def edit(catalog: Catalog) -> None:
        buyer(catalog)["reading"]["rules"][1]["outcome"] = "success"
        buyer(catalog)["reading"]["rules"][0]["outcome"] = "soft_reject"

    ann, bob = await replayed(tmp_path, "Ann", "Bob", edit=edit)
    assert (ann.before.result, ann.after.result) == (Result.SUCCESS, Result.ERROR)
    assert (bob.before.result, bob.after.result) == (Result.FAILURE, Result.SUCCESS)
    assert ann.before.revenue
    assert not ann.after.revenue


async def test_a_recipient_of_whom_nothing_is_recorded_answers_as_is_assumed(tmp_path: Path) -> None:
    def edit(catalog: Catalog) -> None:
        steps = [{"deliver": "buyer"}, {"deliver": "second"}]
        catalog["flows"][0]["steps"] = [{"waterfall": {"steps": steps}}]

    ann, bob = await replayed(tmp_path, "Ann", "Bob", edit=edit)
    (skip,), (assumed,) = ann.changes, bob.changes
    assert (skip.delivery, skip.before, skip.is_assumed) == ("second", None, False)
    assert skip.after is not None
    assert skip.after.code is ReasonCode.ALREADY_SOLD
    assert (assumed.delivery, assumed.after, assumed.is_assumed) == ("second", ASSUMED, True)


async def test_what_the_new_catalog_would_not_send_is_told(tmp_path: Path) -> None:
    def edit(catalog: Catalog) -> None:
        buyer(catalog)["mapping"].append({"to": "zip", "value": "{{postal_code}}", "required": True})

    (ann,) = await replayed(tmp_path, "Ann", edit=edit)
    (change,) = ann.changes
    assert change.after is not None
    assert change.after.code is ReasonCode.MAPPING_REQUIRED
    assert ann.after.result is Result.ERROR


async def test_a_flow_that_is_gone_and_a_lead_that_is_open_are_not_replayed(tmp_path: Path) -> None:
    def edit(catalog: Catalog) -> None:
        del catalog["flows"][0]

    with pytest.raises(NotReplayed, match="no flow loans"):
        await replayed(tmp_path, "Ann", edit=edit)
    async with open_journal(tmp_path / "data", read_only=True) as journal:
        rows = [entry for _, entry in await journal.rows_since(0, 2)]
    catalog = load([SourceFile("c.yaml", (tmp_path / "catalog.yaml").read_text())], secret_names=None).catalog
    with pytest.raises(NotReplayed, match="not settled"):
        Replay(catalog, ASSUMED).run(rows)
