"""`leadrelay`, the command. Only `serve` needs the whole assembly, so only it pays for the import."""

import os
import sys

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # our sentences say it all; read when gRPC is imported

from leadrelay.edges.cli import program
from leadrelay.settings import Settings


def main() -> int:
    return program.main(sys.argv[1:], _serve)


def _serve(settings: Settings) -> int:
    from leadrelay import assembly  # noqa: PLC0415 (the other verbs start in a third of the time)

    return assembly.run(settings)


if __name__ == "__main__":
    sys.exit(main())
