"""How a verb gets to its server: the key from a file or the environment, and never from an argument."""

import argparse
from pathlib import Path

import grpc
import pytest

from certificates import an_authority
from leadrelay.edges.cli import way
from leadrelay.edges.cli.way import Way
from leadrelay_client.connection import API_KEY_VARIABLE


def told(*argv: str) -> Way:
    parser = argparse.ArgumentParser()
    way.options(parser)
    return way.to(parser.parse_args(argv))


def test_without_options_it_is_plaintext_and_has_the_key_of_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv(API_KEY_VARIABLE, "lrk_1")
    assert (told().target, told().tls(), told().api_key()) == ("127.0.0.1:7400", False, "lrk_1")
    monkeypatch.delenv(API_KEY_VARIABLE)
    assert told().api_key() == ""


def test_a_key_file_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(API_KEY_VARIABLE, "lrk_1")
    (tmp_path / "key").write_text("lrk_2\n")
    assert told("--api-key-file", str(tmp_path / "key")).api_key() == "lrk_2"


def test_tls_trusts_the_machine_or_a_file_and_may_show_a_certificate(tmp_path: Path) -> None:
    authority = an_authority()
    certificate, key = authority.client_pem()
    for name, pem in (("ca", authority.pem), ("certificate", certificate), ("key", key)):
        (tmp_path / name).write_text(pem)
    shown = ("--certificate", str(tmp_path / "certificate"), "--certificate-key", str(tmp_path / "key"))
    for argv in (("--tls",), ("--tls", str(tmp_path / "ca")), shown, ("--tls", str(tmp_path / "ca"), *shown)):
        assert isinstance(told(*argv).tls(), grpc.ChannelCredentials)


@pytest.mark.parametrize("option", ["--api-key-file", "--tls"])
def test_a_file_that_is_not_there_is_named(option: str) -> None:
    there = told(option, "/no/such/file")
    with pytest.raises(ValueError, match="/no/such/file: cannot be read: No such file"):
        there.tls() or there.api_key()


def test_a_key_in_the_place_of_its_file_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="this is a key itself") as caught:
        Way("relay.example:7400", key_file=Path("lrk_0123456789abcdef_s3cret")).api_key()
    assert "s3cret" not in str(caught.value)


def test_a_key_as_an_argument_is_refused_and_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        told("--api-key", "lrk_1")
    said = capsys.readouterr().err
    assert "everybody on this machine sees a command line" in said
    assert "lrk_1" not in said


@pytest.mark.parametrize("option", ["--certificate", "--certificate-key"])
def test_half_of_a_certificate_and_its_key_is_not_left_out_in_silence(option: str) -> None:
    with pytest.raises(ValueError, match="go together"):
        told(option, "/a/file").tls()


def test_what_grpc_would_only_find_as_it_connects_is_told_with_its_file(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no PEM")
    with pytest.raises(ValueError, match="text: holds no certificates"):
        told("--tls", str(tmp_path / "text")).tls()
    pair = ("--certificate", str(tmp_path / "text"), "--certificate-key", str(tmp_path / "text"))
    with pytest.raises(ValueError, match="text: are no certificate and its unencrypted key"):
        told(*pair).tls()
