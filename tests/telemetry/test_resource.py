"""The resource is ours unless the standard variables say otherwise."""

import pytest

from leadrelay import __version__
from leadrelay.telemetry.resource import our_resource
from telemetry.drawn import plain


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_RESOURCE_ATTRIBUTES", raising=False)
    monkeypatch.delenv("OTEL_SERVICE_NAME", raising=False)


def test_without_variables_the_service_is_leadrelay() -> None:
    assert plain(our_resource().attributes) == {
        "service.name": "leadrelay",
        "service.version": __version__,
        "telemetry.sdk.language": "python",
        "telemetry.sdk.name": "leadrelay.telemetry",
        "telemetry.sdk.version": __version__,
    }


def test_the_environment_names_the_service_and_adds_to_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=prod%2Ceu,service.name=a")
    said = plain(our_resource().attributes)
    assert (said["service.name"], said["deployment.environment.name"]) == ("a", "prod,eu")
    monkeypatch.setenv("OTEL_SERVICE_NAME", "b")
    assert plain(our_resource().attributes)["service.name"] == "b"
