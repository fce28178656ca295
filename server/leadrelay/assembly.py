"""The composition root: builds every part and nests their lifetimes (design 2.2).

Shutdown is the nesting read backwards: calls end first, then couriers, then outlets, then the trace
drawer, and the journal last, so that everybody's last words are written.
"""

import logging
import os
import random
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import grpc
import trio

from leadrelay.adapters.http import http_wires
from leadrelay.adapters.registry import adapter_for
from leadrelay.auth.build import signer_for
from leadrelay.auth.keyring import read_keyring
from leadrelay.auth.secrets import SecretError, Secrets, open_secrets
from leadrelay.auth.sources import StoreFirst
from leadrelay.auth.vault import open_vault
from leadrelay.core.destination import Destination
from leadrelay.core.errors import JournalError
from leadrelay.core.ports import Adapter, Clock, Signer
from leadrelay.edges.catalog.files import read_paths
from leadrelay.edges.catalog.problems import CatalogRefused
from leadrelay.edges.catalog.shelf import Shelf
from leadrelay.edges.cli.exits import Exit
from leadrelay.edges.cli.parent import until_stdin_ends
from leadrelay.edges.grpc.app import build_server, tls_credentials
from leadrelay.edges.grpc.bridge import CannotListen, Limits, Server
from leadrelay.edges.grpc.catalog import CatalogEdge
from leadrelay.edges.grpc.delivery import DeliveryEdge
from leadrelay.edges.grpc.health import OVERALL, SERVING, Health
from leadrelay.edges.grpc.secrets import SecretEdge
from leadrelay.journal.journal import Journal, open_journal
from leadrelay.runtime.clock import WallClock
from leadrelay.runtime.courier import Equipment
from leadrelay.runtime.intake import Intake
from leadrelay.runtime.outlets import Outlets
from leadrelay.settings import Settings
from leadrelay.telemetry.drawer import Drawer
from leadrelay.telemetry.exporter import exporter_for
from leadrelay.telemetry.otlp_settings import SettingsError, otlp_settings
from leadrelay.telemetry.resource import our_resource

log = logging.getLogger("leadrelay")

LAST_SPANS = 5.0  # seconds to export what is recorded when the server stops; a later start does the rest

# A user's mistake: told as one sentence, without a traceback.
MISTAKES = (CannotListen, CatalogRefused, JournalError, SecretError, SettingsError, OSError)


class Outfits:
    """A core.ports.Outfitter: adapters and signers over real connections."""

    def __init__(self, secrets: Secrets, clock: Clock) -> None:
        self._secrets, self._clock = secrets, clock

    def adapter(self, destination: Destination) -> Adapter:
        return adapter_for(destination)

    def signer(self, destination: Destination) -> Signer:
        return signer_for(destination.proofs, self._secrets, http_wires(), self._clock)


def run(settings: Settings) -> int:
    """Serve until told to stop. Exit 2 for a mistake in the settings, told on standard error."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s", stream=sys.stderr)
    code = Exit.OK
    try:
        trio.run(serve, settings)
    except* MISTAKES as group:
        for error in _leaves(group):
            print(f"leadrelay serve: {error}", file=sys.stderr)
        code = Exit.USAGE
    return code


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM, SIGINT or, where asked for, the end of standard input."""
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with running(settings, announce=_announce) as stop, trio.open_nursery() as nursery:
            if settings.until_stdin_ends:
                nursery.start_soon(until_stdin_ends, nursery.cancel_scope.cancel)
            async for number in signals:
                log.info("%s: finishing what is under way", signal.Signals(number).name)
                break
            nursery.cancel_scope.cancel()
        del stop


@asynccontextmanager
async def running(
    settings: Settings, announce: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Server]:
    """A whole server that works inside the block and drains when it ends.

    `announce` is told the address once calls are taken.
    """
    clock = WallClock()
    outside = open_secrets(settings.secrets)
    keyring, warnings = read_keyring(settings.secrets_keys)
    async with open_journal(settings.data) as journal, _tracing(journal):
        secrets = StoreFirst(await open_vault(journal, keyring, clock), outside)
        for warning in [*warnings, *secrets.overlaps()]:
            log.warning("%s", warning)
        shelf = Shelf(journal, secrets.has, clock)
        await shelf.open()
        if settings.catalog:
            await _apply(shelf, settings)
        outlets = Outlets(Outfits(secrets, clock))
        equipment = Equipment(outlets=outlets, clock=clock, chance=random.random)
        intake = Intake(journal=journal, catalogs=shelf, equipment=equipment, max_leads=settings.max_leads)
        health = Health()
        server = build_server(
            delivery=DeliveryEdge(journal=journal, catalogs=shelf, intake=intake, clock=clock),
            catalog=CatalogEdge(shelf, clock),
            secrets=SecretEdge(secrets, shelf),
            health=health,
            limits=Limits(grace=settings.grace),
        )
        port = server.bind(settings.listen, _tls(settings))
        async with trio.open_nursery() as nursery:
            await nursery.start(outlets.run)
            await nursery.start(intake.run)
            nursery.start_soon(_resume, intake)
            async with trio.open_nursery() as edges:
                await edges.start(server.serve)
                health.set(OVERALL, SERVING)
                announce(f"{settings.listen.rpartition(':')[0]}:{port}")
                try:
                    yield server
                finally:
                    intake.close()
                    server.stop()
            with trio.CancelScope(shield=True):
                await intake.drain(settings.grace)
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def _tracing(journal: Journal) -> AsyncIterator[None]:
    """Export spans while the block runs, where the environment names a collector."""
    settings = otlp_settings(os.environ)
    if settings is None:
        yield
        return
    drawer = Drawer(journal, exporter_for(settings), our_resource())
    async with trio.open_nursery() as nursery:
        await nursery.start(drawer.run)
        try:
            yield
        finally:
            drawer.close(LAST_SPANS)


async def _apply(shelf: Shelf, settings: Settings) -> None:
    files = await trio.to_thread.run_sync(read_paths, settings.catalog)
    applied = await shelf.apply(files)
    for warning in applied.warnings:
        log.warning("%s", warning)
    log.info("catalog %d is in force, %d change(s)", applied.version, len(applied.changes))


async def _resume(intake: Intake) -> None:
    """Take up what an earlier run left; a journal that cannot be read is asked again."""
    while True:
        try:
            count = await intake.resume()
        except JournalError as error:
            log.error("leads of an earlier run cannot be read: %s; trying again", error)
            await trio.sleep(5)
        else:
            if count:
                log.info("took up %d lead(s) of an earlier run", count)
            return


def _tls(settings: Settings) -> grpc.ServerCredentials | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    return tls_credentials(settings.tls_certificate.read_bytes(), settings.tls_key.read_bytes())


def _announce(address: str) -> None:
    """On standard output, so that whoever started us on port 0 can read where we are."""
    print(f"listening on {address}", flush=True)


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
