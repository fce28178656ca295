"""The standard variables mean what the OpenTelemetry specification says; misspelt ones are errors."""

from math import inf

import pytest

from leadrelay.telemetry.otlp_settings import OtlpSettings, Protocol, SettingsError, otlp_settings

P = "OTEL_EXPORTER_OTLP_"


def settings(**said: str) -> OtlpSettings:
    """With names shortened to what differs."""
    found = otlp_settings({f"{P}{name}": value for name, value in said.items()})
    assert found is not None
    return found


@pytest.mark.parametrize(
    "environ",
    [
        {},
        {f"{P}ENDPOINT": ""},
        {f"{P}ENDPOINT": "  "},
        {f"{P}METRICS_ENDPOINT": "http://collector:4318"},
        {"OTEL_SERVICE_NAME": "relay"},
        {"OTEL_TRACES_EXPORTER": "none", f"{P}ENDPOINT": "http://collector:4318"},
        {"OTEL_SDK_DISABLED": "True", f"{P}ENDPOINT": "http://collector:4318"},
    ],
)
def test_nothing_is_exported_unless_asked_for(environ: dict[str, str]) -> None:
    assert otlp_settings(environ) is None


@pytest.mark.parametrize(
    "environ",
    [
        {"OTEL_TRACES_EXPORTER": "otlp"},
        {f"{P}PROTOCOL": "http/protobuf"},
        {f"{P}TRACES_HEADERS": "a=b"},
        {"OTEL_SDK_DISABLED": "false", f"{P}TIMEOUT": "10000"},
    ],
)
def test_the_defaults_are_those_of_the_specification(environ: dict[str, str]) -> None:
    found = otlp_settings(environ)
    assert found is not None
    assert (found.protocol, found.endpoint) == (Protocol.HTTP, "http://localhost:4318/v1/traces")
    assert (found.timeout, found.gzip, found.is_secure) == (10.0, False, False)


@pytest.mark.parametrize(
    ("said", "url"),
    [
        ({"ENDPOINT": "http://c:4318"}, "http://c:4318/v1/traces"),
        ({"ENDPOINT": "http://c:4318/"}, "http://c:4318/v1/traces"),
        ({"ENDPOINT": "https://c/base/"}, "https://c/base/v1/traces"),
        ({"ENDPOINT": "https://c/base?key=k"}, "https://c/base/v1/traces?key=k"),
        ({"TRACES_ENDPOINT": "http://c:4318/mine"}, "http://c:4318/mine"),
        ({"TRACES_ENDPOINT": "http://c:4318"}, "http://c:4318/"),
        ({"TRACES_ENDPOINT": "http://c/t", "ENDPOINT": "http://other"}, "http://c/t"),
        ({"TRACES_ENDPOINT": "", "ENDPOINT": "http://c"}, "http://c/v1/traces"),
    ],
)
def test_the_path_for_traces_is_added_to_the_general_endpoint_alone(said: dict[str, str], url: str) -> None:
    found = settings(**said)
    assert found.endpoint == url
    assert found.is_secure is url.startswith("https")


@pytest.mark.parametrize(
    ("said", "target", "is_secure"),
    [
        ({}, "localhost:4317", False),
        ({"ENDPOINT": "http://c:4317"}, "c:4317", False),
        ({"ENDPOINT": "https://c:4317/path"}, "c:4317", True),
        ({"ENDPOINT": "https://c"}, "c:443", True),
        ({"ENDPOINT": "http://[::1]"}, "[::1]:80", False),
        ({"ENDPOINT": "c:4317"}, "c:4317", True),
        ({"ENDPOINT": "c:4317", "INSECURE": "TRUE"}, "c:4317", False),
        ({"ENDPOINT": "https://c:4317", "INSECURE": "true"}, "c:4317", True),
        ({"ENDPOINT": "http://c:4317", "TRACES_INSECURE": "false"}, "c:4317", False),
        ({"ENDPOINT": "unix:///run/collector", "INSECURE": "true"}, "unix:///run/collector", False),
    ],
)
def test_a_scheme_decides_about_tls_of_grpc_and_without_one_the_variable_does(
    said: dict[str, str], target: str, is_secure: bool
) -> None:
    found = settings(**said, PROTOCOL="grpc")
    assert (found.protocol, found.endpoint, found.is_secure) == (Protocol.GRPC, target, is_secure)


def test_a_variable_for_traces_wins_over_the_general_one() -> None:
    found = settings(
        PROTOCOL="http/protobuf",
        TRACES_PROTOCOL="GRPC",
        HEADERS="a=1",
        TRACES_HEADERS="b=2",
        TIMEOUT="1000",
        TRACES_TIMEOUT="2500",
        COMPRESSION="none",
        TRACES_COMPRESSION="gzip",
        CERTIFICATE="/a.pem",
        TRACES_CERTIFICATE="/b.pem",
    )
    assert found.protocol is Protocol.GRPC
    assert found.headers == (("b", "2"),)
    assert found.timeout == 2.5
    assert found.gzip
    assert found.certificate == "/b.pem"


def test_headers_are_percent_decoded_pairs() -> None:
    found = settings(HEADERS=" Authorization=Bearer%20a%2Cb=c , x-tenant=7,,")
    assert found.headers == (("authorization", "Bearer a,b=c"), ("x-tenant", "7"))


def test_a_timeout_of_zero_is_no_limit() -> None:
    assert settings(TIMEOUT="0").timeout == inf


@pytest.mark.parametrize(
    ("environ", "named"),
    [
        ({f"{P}PROTOCOL": "http"}, f"{P}PROTOCOL must be one of: grpc, http/protobuf"),
        ({f"{P}TRACES_PROTOCOL": "http/json"}, f"{P}TRACES_PROTOCOL must be one of: grpc, http/protobuf"),
        ({f"{P}COMPRESSION": "deflate"}, f"{P}COMPRESSION must be one of: gzip, none"),
        ({f"{P}INSECURE": "1", f"{P}PROTOCOL": "grpc"}, f"{P}INSECURE must be one of: true, false"),
        ({"OTEL_SDK_DISABLED": "yes"}, "OTEL_SDK_DISABLED must be true or false"),
        ({"OTEL_TRACES_EXPORTER": "zipkin"}, "OTEL_TRACES_EXPORTER must be one of: otlp, none"),
        ({f"{P}ENDPOINT": "collector:4318"}, f"{P}ENDPOINT must be a URL such as http://collector:4318"),
        ({f"{P}ENDPOINT": "http://"}, f"{P}ENDPOINT must be a URL"),
        ({f"{P}TRACES_ENDPOINT": "http://c:port"}, f"{P}TRACES_ENDPOINT must be a URL"),
        ({f"{P}ENDPOINT": "https://c:99999", f"{P}PROTOCOL": "grpc"}, f"{P}ENDPOINT must be a URL"),
        ({f"{P}TIMEOUT": "10s"}, f"{P}TIMEOUT must be a whole number of milliseconds"),
        ({f"{P}TIMEOUT": "-1"}, f"{P}TIMEOUT must be a whole number of milliseconds"),
        ({f"{P}CLIENT_KEY": "/key.pem"}, "set both"),
        ({f"{P}HEADERS": "a=1,secret"}, f"entry 2 of {P}HEADERS must read name=value"),
        ({f"{P}HEADERS": "a b=secret"}, f"entry 1 of {P}HEADERS"),
        ({f"{P}HEADERS": "a=secret%0D%0Ab: c"}, f"entry 1 of {P}HEADERS"),
        ({f"{P}HEADERS": "a!b=secret", f"{P}PROTOCOL": "grpc"}, f"entry 1 of {P}HEADERS"),
        ({f"{P}HEADERS": "key-bin=secret", f"{P}PROTOCOL": "grpc"}, f"entry 1 of {P}HEADERS"),
    ],
)
def test_a_misspelt_value_is_an_error_that_names_the_variable_and_no_secret(
    environ: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        otlp_settings(environ)
    assert named in str(caught.value)
    assert "secret" not in str(caught.value)
