"""OTLP/HTTP: one POST of binary protobuf for each batch, over one kept connection."""

import gzip
import ssl
import time
from email.utils import parsedate_to_datetime
from functools import partial

import httpx
import trio

from leadrelay import __version__
from leadrelay.telemetry.answers import Answer, NotNow, Refused, Taken, taken
from leadrelay.telemetry.otlp_settings import OtlpSettings, SettingsError

MAX_ANSWER = 64 * 1024  # bytes; a collector has little to say

_PROTOBUF = "application/x-protobuf"
_RETRYABLE = frozenset({429, 502, 503, 504})
_OURS_TO_MEND = frozenset({401, 403, 404, 407, *range(300, 400)})  # a key or an address is wrong
_compressed = partial(gzip.compress, compresslevel=6)


class HttpExporter:
    def __init__(self, settings: OtlpSettings) -> None:
        """Raises SettingsError where a certificate cannot be used."""
        self._url, self._gzip, self._timeout = settings.endpoint, settings.gzip, settings.timeout
        headers = httpx.Headers([("user-agent", f"leadrelay/{__version__}"), *settings.headers])
        headers["content-type"] = _PROTOBUF
        headers["accept-encoding"] = "identity"  # nothing to inflate
        if settings.gzip:
            headers["content-encoding"] = "gzip"
        self._http = httpx.AsyncClient(
            headers=headers,
            verify=_tls(settings) if settings.is_secure else True,
            timeout=None,  # noqa: S113 - one scope around the whole exchange instead
            limits=httpx.Limits(max_connections=1),
            trust_env=False,
        )

    async def export(self, request: bytes) -> Answer:
        # Compressing a full batch takes longer than a lead may be kept waiting.
        body = await trio.to_thread.run_sync(_compressed, request) if self._gzip else request
        with trio.move_on_after(self._timeout):
            try:
                async with self._http.stream("POST", self._url, content=body) as reply:
                    return _answer(reply, await _bounded(reply))
            except httpx.HTTPError as error:
                return NotNow(f"no readable answer: {type(error).__name__}")
        return NotNow(f"no answer within {self._timeout:g} s")

    async def aclose(self) -> None:
        await self._http.aclose()


def _tls(settings: OtlpSettings) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=settings.certificate or None)
        if settings.client_certificate:
            context.load_cert_chain(settings.client_certificate, settings.client_key)
    except OSError as error:  # which an ssl.SSLError is too
        raise SettingsError.of_files(error) from error
    return context


async def _bounded(reply: httpx.Response) -> bytes:
    """The body, as far as anyone has reason to write one. It is read to its end all the same:
    httpx's generators cannot be left half-way on trio."""
    body = b""
    async for part in reply.aiter_raw():
        body += part[: MAX_ANSWER - len(body)]
    return body


def _answer(reply: httpx.Response, body: bytes) -> Answer:
    if reply.is_success:
        kind = reply.headers.get("content-type", "").partition(";")[0].strip()
        return taken(body) if kind == _PROTOBUF else Taken()
    words = f"HTTP {reply.status_code}"
    if reply.status_code in _RETRYABLE | _OURS_TO_MEND:
        return NotNow(words, _retry_after(reply.headers.get("retry-after", "")))
    return Refused(words)


def _retry_after(value: str) -> float:
    """Seconds or a date (RFC 9110, 10.2.3); 0 for anything else."""
    if value.isascii() and value.isdigit():
        return float(value)
    try:
        return max(parsedate_to_datetime(value).timestamp() - time.time(), 0.0)
    except ValueError:
        return 0.0
