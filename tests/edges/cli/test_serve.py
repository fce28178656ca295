"""What a server is started with."""

from pathlib import Path

from leadrelay.edges.cli import program
from leadrelay.settings import Settings


def test_serve_is_handed_what_was_asked_for() -> None:
    handed: list[Settings] = []

    def serve(settings: Settings) -> int:
        handed.append(settings)
        return 7

    argv = (
        *("serve", "--listen", "[::1]:0", "--data", "d", "--catalog", "a", "--catalog", "b"),
        *("--secrets", "s", "--secrets-key", "k", "--tls-certificate", "c", "--tls-key", "p"),
        *("--client-ca", "a", "--api-keys", "f", "--open-reflection", "--insecure"),
        *("--max-leads", "9", "--grace", "2.5", "--until-stdin-ends"),
    )
    assert program.main(argv, serve) == 7
    assert handed == [
        Settings(
            listen="[::1]:0",
            data=Path("d"),
            catalog=(Path("a"), Path("b")),
            secrets=Path("s"),
            secrets_keys=(Path("k"),),
            tls_certificate=Path("c"),
            tls_key=Path("p"),
            client_ca=Path("a"),
            api_keys=Path("f"),
            open_reflection=True,
            insecure=True,
            max_leads=9,
            grace=2.5,
            until_stdin_ends=True,
        )
    ]


def test_serve_without_options_has_the_defaults() -> None:
    handed: list[Settings] = []
    program.main(["serve"], lambda settings: handed.append(settings) or 0)  # type: ignore[func-returns-value]
    assert handed == [Settings()]
