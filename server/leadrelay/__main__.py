"""`leadrelay`, the command. Only `serve` needs the whole assembly, so only it pays for the import."""

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from leadrelay.settings import Settings

os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # our sentences say it all; read when gRPC is imported

INTERRUPTED = 130  # Exit.INTERRUPTED, before there is one to import


def main() -> int:
    try:  # a Ctrl-C that comes while the imports run is as good as any other
        from leadrelay.edges.cli import program  # noqa: PLC0415
    except KeyboardInterrupt:
        return INTERRUPTED
    return program.main(sys.argv[1:], _serve)


def _serve(settings: "Settings") -> int:
    from leadrelay import assembly  # noqa: PLC0415 (the other verbs start in a third of the time)

    return assembly.run(settings)


if __name__ == "__main__":
    sys.exit(main())
