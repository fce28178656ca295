"""The composition root: builds every part and nests their lifetimes (design 2.2).

Shutdown is the nesting read backwards: calls end first, then couriers, then outlets, then the trace
drawer, and the journal last, so that everybody's last words are written.
"""

import gc
import logging
import os
import random
import resource
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial

import grpc
import trio

from leadrelay.adapters.dial import HTTP1, HTTP2, Tls, new_tls_context
from leadrelay.adapters.head import Origin
from leadrelay.adapters.http import http_wires
from leadrelay.adapters.proxy import Proxy
from leadrelay.adapters.registry import adapter_for
from leadrelay.auth.api_keys import ApiKeys, BadKeys
from leadrelay.auth.build import signer_for
from leadrelay.auth.keyring import read_keyring
from leadrelay.auth.mtls import client_certificate
from leadrelay.auth.proxy import proxy_authorization
from leadrelay.auth.refresh import RefreshTokens
from leadrelay.auth.secrets import Keeper, SecretError, Secrets, open_secrets
from leadrelay.auth.sources import StoreFirst
from leadrelay.auth.vault import open_vault
from leadrelay.core.destination import Destination, Direct, HttpVersion
from leadrelay.core.egress import BadRule, operators_rules
from leadrelay.core.errors import JournalError
from leadrelay.core.ports import Adapter, Clock, Signer, Wire
from leadrelay.edges.catalog.files import read_paths
from leadrelay.edges.catalog.problems import CatalogRefused
from leadrelay.edges.catalog.shelf import Shelf
from leadrelay.edges.cli.exits import Exit
from leadrelay.edges.cli.parent import until_stdin_ends
from leadrelay.edges.grpc.admission import Admission
from leadrelay.edges.grpc.analytics import AnalyticsEdge
from leadrelay.edges.grpc.app import build_server, tls_credentials
from leadrelay.edges.grpc.bridge import CannotListen, Limits, Server
from leadrelay.edges.grpc.catalog import CatalogEdge
from leadrelay.edges.grpc.delivery import DeliveryEdge
from leadrelay.edges.grpc.health import OVERALL, SERVING, Health
from leadrelay.edges.grpc.inward import InwardWire
from leadrelay.edges.grpc.listing import ListEdge
from leadrelay.edges.grpc.redelivering import RedeliverEdge
from leadrelay.edges.grpc.secrets import SecretEdge
from leadrelay.edges.grpc.services import SERVICES
from leadrelay.edges.pem import read_authorities, read_pair
from leadrelay.journal.books import Books
from leadrelay.journal.journal import Journal, open_journal
from leadrelay.logs import to_standard_error
from leadrelay.runtime.clock import WallClock
from leadrelay.runtime.courier import Equipment
from leadrelay.runtime.intake import Intake
from leadrelay.runtime.outlets import Outlets
from leadrelay.settings import Settings
from leadrelay.telemetry.otlp_settings import SettingsError, otlp_settings

log = logging.getLogger("leadrelay")

LAST_SPANS = 5.0  # seconds to export what is recorded when the server stops; a later start does the rest
MAX_TOKEN = 64 * 1024  # bytes of a token endpoint's answer
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0  # seconds before leads that could not be read are read again

FILES = 65_536  # open at once: connections above all

YOUNG = 5_000  # objects that are new since the garbage collector last looked; Python's own is 700

# A user's mistake: told as one sentence, without a traceback.
MISTAKES = (BadKeys, BadRule, CannotListen, CatalogRefused, JournalError, SecretError, SettingsError, OSError)


class Outfits:
    """A core.ports.Outfitter: adapters and signers over real connections."""

    def __init__(self, secrets: Secrets, keeper: Keeper, clock: Clock) -> None:
        self._secrets, self._clock = secrets, clock
        self._refresh_tokens = RefreshTokens(secrets, keeper)
        self.open_inward: Callable[[], Wire] | None = None  # to this server's flows, once they can be served

    def adapter(self, destination: Destination) -> Adapter:
        speaks_2 = isinstance(destination.protocol, Direct) or destination.http_version is HttpVersion.V2
        tls = self._tls(destination, HTTP2 if speaks_2 else HTTP1)
        return adapter_for(destination, tls=tls, via=self._via(destination), open_inward=self.open_inward)

    def signer(self, destination: Destination) -> Signer:
        tls, via = self._tls(destination, HTTP1), self._via(destination)
        wires = http_wires(tls=tls, allow=destination.egress, max_reply=MAX_TOKEN, via=via)
        return signer_for(
            destination.proofs, self._secrets, wires, self._clock, self._refresh_tokens, via=destination.proxy
        )

    def _tls(self, destination: Destination, protocol: str) -> Tls | None:
        new_context = partial(new_tls_context, protocol)
        return client_certificate(destination.proofs, self._secrets, self._clock, new_context)

    def _via(self, destination: Destination) -> Proxy | None:
        proxy = destination.proxy
        if proxy is None:
            return None
        origin = Origin("https" if proxy.is_secure else "http", proxy.host, proxy.port)
        return Proxy(origin, proxy_authorization(proxy, self._secrets))


def run(settings: Settings) -> int:
    """Serve until told to stop. Exit 2 for a mistake in the settings, told on standard error."""
    to_standard_error()
    _allow_many_connections()
    code = Exit.OK
    try:
        trio.run(serve, settings)
    except* MISTAKES as group:
        for error in _leaves(group):
            print(f"leadrelay serve: {error}", file=sys.stderr)
        code = Exit.USAGE
    return code


def _allow_many_connections() -> None:
    """As many as the system lets us: the usual 1,024 files are for programs that call select; we do not.

    Thirty destinations that are all busy would use them up, and then none could be reached.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = FILES if hard == resource.RLIM_INFINITY else min(hard, FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with suppress(OSError, ValueError):  # then it stays as it is
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


async def serve(settings: Settings) -> None:
    """Serve until SIGTERM, SIGINT, the end of its terminal or, where asked for, that of standard input."""
    stops = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # as `nohup` has it
        stops.append(signal.SIGHUP)
    with trio.open_signal_receiver(*stops) as signals:
        async with trio.open_nursery() as drain:
            async with running(settings, announce=_ready):
                await _until_told(signals, until_stdin=settings.until_stdin_ends)
                drain.start_soon(_hold_back, signals)
            drain.cancel_scope.cancel()


async def _until_told(signals: AsyncIterator[int], *, until_stdin: bool) -> None:
    async with trio.open_nursery() as nursery:
        if until_stdin:
            nursery.start_soon(until_stdin_ends, nursery.cancel_scope.cancel)
        async for number in signals:
            log.info("%s: finishing what is under way", signal.Signals(number).name)
            break
        nursery.cancel_scope.cancel()


async def _hold_back(signals: AsyncIterator[int]) -> None:
    """Take the signals that come while it drains, or one of them would kill it at its last step."""
    async for number in signals:
        log.info(
            "%s: it is stopping already; the next start takes up what remains", signal.Signals(number).name
        )


@asynccontextmanager
async def running(
    settings: Settings, announce: Callable[[str], None] = lambda _: None
) -> AsyncIterator[Server]:
    """A whole server that works inside the block and drains when it ends.

    `announce` is told the address once calls are taken.
    """
    _check_exposure(settings)
    tls = _tls(settings)
    clock = WallClock()
    outside = open_secrets(settings.secrets)
    keyring, warnings = read_keyring(settings.secrets_keys)
    egress = operators_rules(settings.allow_egress, os.environ)
    async with open_journal(settings.data) as journal, _tracing(journal):
        secrets = StoreFirst(await open_vault(journal, keyring, clock), outside)
        for warning in [*warnings, *secrets.overlaps()]:
            log.warning("%s", warning)
        shelf = Shelf(journal, secrets, clock, egress)
        await shelf.open()
        if settings.catalog:
            await _apply(shelf, settings)
        outfits = Outfits(secrets, secrets.store, clock)
        outlets = Outlets(outfits, clock, journal.caps, shelf)
        equipment = Equipment(outlets=outlets, clock=clock, chance=random.random)
        intake = Intake(journal=journal, catalogs=shelf, equipment=equipment, max_leads=settings.max_leads)
        delivery = DeliveryEdge(journal=journal, catalogs=shelf, intake=intake, clock=clock)
        outfits.open_inward = partial(InwardWire, delivery, intake, journal, shelf, clock)
        health, books = Health(), Books(journal)
        analytics = AnalyticsEdge(journal, books)
        admission = _admission(settings, clock)
        server = build_server(
            (
                delivery,
                ListEdge(journal, books),
                RedeliverEdge(journal=journal, books=books, catalogs=shelf, intake=intake, clock=clock),
                CatalogEdge(shelf, clock),
                SecretEdge(secrets, shelf),
                analytics,
            ),
            health=health,
            limits=Limits(grace=settings.grace),
            admission=admission,
        )
        port = server.bind(settings.listen, tls)
        async with trio.open_nursery() as nursery:
            await nursery.start(outlets.run)
            await nursery.start(intake.run)
            nursery.start_soon(_resume, intake)
            nursery.start_soon(books.run)
            if admission is not None:
                nursery.start_soon(admission.run)
            async with trio.open_nursery() as edges:
                await edges.start(server.serve)
                for name in (OVERALL, *(service.full_name for service in SERVICES)):
                    health.set(name, SERVING)
                announce(f"{settings.listen.rpartition(':')[0]}:{port}")
                try:
                    yield server
                finally:
                    intake.close()
                    analytics.close()
                    server.stop()
                    stops_at = trio.current_time() + settings.grace
            # The same seconds for calls and leads, for the calls wait for the leads.
            with trio.CancelScope(shield=True):
                await intake.drain(max(0.0, stops_at - trio.current_time()))
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def _tracing(journal: Journal) -> AsyncIterator[None]:
    """Export spans while the block runs, where the environment names a collector."""
    settings = otlp_settings(os.environ)
    if settings is None:
        yield
        return
    # Only who has a collector pays for the libraries that draw for it.
    from leadrelay.telemetry.drawer import Drawer  # noqa: PLC0415
    from leadrelay.telemetry.exporter import exporter_for  # noqa: PLC0415
    from leadrelay.telemetry.resource import our_resource  # noqa: PLC0415

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
    """Take up what an earlier run left; what cannot be read is tried again, less and less often."""
    pause = FIRST_PAUSE
    while True:
        before = intake.ledger.resumed
        try:
            await intake.resume()
        except JournalError as error:
            log.error("of the leads of an earlier run, %s; trying again in %g s", error, pause)
        else:
            return
        finally:
            if count := intake.ledger.resumed - before:
                log.info("took up %d lead(s) of an earlier run", count)
        await trio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _check_exposure(settings: Settings) -> None:
    """Whoever reaches the port may sell leads and read what was sold: other machines have to be kept out."""
    if not settings.is_exposed:
        return
    if not settings.asks_callers and not settings.insecure:
        raise CannotListen(
            f"{settings.listen} can be reached from other machines, and nobody is asked who he is: give "
            "--api-keys FILE (see `leadrelay keys --help`) or --client-ca PEM, or say --insecure"
        )
    if not settings.asks_callers:
        log.warning("%s can be reached from other machines, and lets everybody in", settings.listen)
    elif settings.tls_certificate is None:
        log.warning("%s: API keys and leads cross the network unencrypted; use TLS", settings.listen)


def _admission(settings: Settings, clock: Clock) -> Admission | None:
    if settings.api_keys is None:
        return None
    keys = ApiKeys(settings.api_keys, clock)
    if not len(keys):
        log.warning("%s has no caller yet: make a key with `leadrelay keys new`", settings.api_keys)
    return Admission(keys, open_reflection=settings.open_reflection)


def _tls(settings: Settings) -> grpc.ServerCredentials | None:
    if settings.tls_certificate is None or settings.tls_key is None:
        return None
    try:
        authorities = None if settings.client_ca is None else read_authorities(settings.client_ca)
        certificate, key = read_pair(settings.tls_certificate, settings.tls_key)
    except ValueError as error:
        raise CannotListen(str(error)) from error
    return tls_credentials(certificate, key, authorities)


def _ready(address: str) -> None:
    _spare_the_collector()
    _announce(address)


def _spare_the_collector() -> None:
    """What is here when the server begins to serve stays, and need not be looked through ever again.

    A lead is some hundreds of objects that end with it and hardly ever a cycle. At Python's own pace their
    coming and going had all of the heap looked through every few seconds, which stopped the server for
    tens of milliseconds, and the young part of it every few leads.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, *gc.get_threshold()[1:])


def _announce(address: str) -> None:
    """On standard output, so that whoever started us on port 0 can read where we are."""
    print(f"listening on {address}", flush=True)


def _leaves(group: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    found: list[BaseException] = []
    for error in group.exceptions:
        found += _leaves(error) if isinstance(error, BaseExceptionGroup) else [error]
    return found
