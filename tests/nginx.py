"""A real nginx in front of nothing, as most recipients have one: started on loopback, ended by its own id."""

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from textwrap import indent

import pytest

from certificates import Authority

NGINX = shutil.which("nginx") or "/usr/sbin/nginx"
needs_nginx = pytest.mark.skipif(
    not Path(NGINX).exists(), reason="nginx is not installed (Debian: nginx-light); what CI runs installs it"
)

# A large buffer for bodies, because workers under another name may not write into a folder of ours.
_CONFIGURATION = """\
daemon off;
pid {folder}/pid;
error_log {folder}/error.log warn;
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    access_log off;
    default_type application/json;
    client_body_buffer_size 1m;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    server {{
        listen 127.0.0.1:{port}{listen};
{server}
    }}
}}
"""


@dataclass(frozen=True, slots=True)
class Nginx:
    """A running one."""

    port: int
    scheme: str
    process: subprocess.Popen[bytes]

    def url(self, path: str = "/") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    def reload(self) -> None:
        """New workers take over; the old ones close what rests."""
        self.process.send_signal(signal.SIGHUP)


@contextmanager
def nginx(folder: Path, server: str, *, tls: Authority | None = None, http2: bool = False) -> Iterator[Nginx]:
    """One with the directives of `server`; with `tls` it shows a certificate of that authority's."""
    folder.mkdir(exist_ok=True)
    if tls is not None:
        certificate, key = tls.client_pem("127.0.0.1")
        (folder / "certificate.pem").write_text(certificate)
        (folder / "key.pem").write_text(key)
        server += f"\nssl_certificate {folder}/certificate.pem;\nssl_certificate_key {folder}/key.pem;"
    port = _free_port()
    listen = (" ssl" if tls else "") + (" http2" if http2 else "")
    path = folder / "nginx.conf"
    server = indent(server, " " * 8)
    path.write_text(_CONFIGURATION.format(folder=folder, port=port, listen=listen, server=server))
    process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(path), "-e", str(folder / "error.log")])
    try:
        _wait_for(port, process, folder / "error.log")
        yield Nginx(port, "https" if tls else "http", process)
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        port: int = found.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            continue
        return
    raise RuntimeError(f"nginx ended with {process.returncode}: {log.read_text()[-1000:]}")
