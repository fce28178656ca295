"""`leadrelay serve`: what a server is told on its command line. Starting it is not known here."""

import argparse
from pathlib import Path

from leadrelay.auth.keyring import VARIABLE as KEY_VARIABLE
from leadrelay.core.egress import VARIABLE as EGRESS_VARIABLE
from leadrelay.edges.cli.numbers import positive
from leadrelay.settings import DEFAULT_DATA, DEFAULT_GRACE, DEFAULT_LISTEN, DEFAULT_MAX_LEADS, Settings

ABOUT = """\
Run a server until Ctrl-C, SIGTERM or SIGHUP. It then takes no more leads, lets those under way finish for the
grace period, and leaves the rest in its data folder, from where the next start takes them up again.

Without --catalog it uses the catalog that was applied last. Spans are exported when the standard
OTEL_EXPORTER_OTLP_* variables name a collector; without them `leadrelay trace` draws from the journal.

exit codes:
  0  it was told to stop
  2  it cannot start: the address, the data folder, the catalog, a key or a setting is wrong
"""


def options(verb: argparse.ArgumentParser) -> None:
    verb.description = ABOUT
    verb.add_argument("--listen", default=DEFAULT_LISTEN, metavar="HOST:PORT", help="default: %(default)s")
    verb.add_argument(
        "--data", type=Path, default=DEFAULT_DATA, metavar="DIR", help="the journal; default: %(default)s"
    )
    verb.add_argument(
        "--catalog",
        type=Path,
        action="append",
        default=[],
        metavar="PATH",
        help="a file, or a folder with all that lies in it, to apply at the start; may be given again",
    )
    verb.add_argument("--secrets", type=Path, metavar="DIR", help="a folder with one file for each secret")
    verb.add_argument(
        "--secrets-key",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help=f"the key of the secret store; older ones may follow (or {KEY_VARIABLE})",
    )
    verb.add_argument(
        "--allow-egress",
        action="append",
        default=[],
        metavar="CIDR[:PORT]|HOST[:PORT]",
        help="let leads reach a network, address or host that is not public, whatever the catalog says; may "
        f"be given again (also {EGRESS_VARIABLE}, with commas between)",
    )
    verb.add_argument("--tls-certificate", type=Path, metavar="PEM", help="speak TLS (with --tls-key)")
    verb.add_argument("--tls-key", type=Path, metavar="PEM")
    verb.add_argument(
        "--client-ca",
        type=Path,
        metavar="PEM",
        help="let in only who shows a certificate of these authorities",
    )
    verb.add_argument(
        "--api-keys", type=Path, metavar="FILE", help="let in only who is in this file; see `leadrelay keys`"
    )
    verb.add_argument(
        "--open-reflection", action="store_true", help="tell of the services also who is not let in"
    )
    verb.add_argument(
        "--insecure", action="store_true", help="let in whoever reaches the port, also from other machines"
    )
    verb.add_argument(
        "--max-leads",
        type=positive,
        default=DEFAULT_MAX_LEADS,
        metavar="N",
        help="under way at once; more are refused before they are accepted; default: %(default)s",
    )
    verb.add_argument(
        "--grace",
        type=_seconds,
        default=DEFAULT_GRACE,
        metavar="SECONDS",
        help="for leads under way when it stops; default: %(default)g",
    )
    verb.add_argument(
        "--until-stdin-ends", action="store_true", help="stop, too, when standard input is closed"
    )
    verb.set_defaults(settings=settings)


def settings(args: argparse.Namespace) -> Settings:
    """What the arguments say. Raises ValueError for what cannot be meant."""
    return Settings(
        listen=args.listen,
        data=args.data,
        catalog=tuple(args.catalog),
        secrets=args.secrets,
        secrets_keys=tuple(args.secrets_key),
        allow_egress=tuple(args.allow_egress),
        tls_certificate=args.tls_certificate,
        tls_key=args.tls_key,
        client_ca=args.client_ca,
        api_keys=args.api_keys,
        open_reflection=args.open_reflection,
        insecure=args.insecure,
        max_leads=args.max_leads,
        grace=args.grace,
        until_stdin_ends=args.until_stdin_ends,
    )


def _seconds(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 3600:
        raise argparse.ArgumentTypeError("must be seconds from 0 to 3600")
    return number
