"""Sites over TLS: the certificate is asked of the host that was named, though the connection goes to its checked address."""

from __future__ import annotations

import datetime
import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from knowledge.sources.fetching import Fetcher
from knowledge.sources.types import UnreadableError


def certificate(name: str, folder: Path) -> Path:
    """A self-signed certificate for a name, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
        .serial_number(x509.random_serial_number()).not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False).sign(key, hashes.SHA256())
    )  # fmt: skip
    file = folder / "site.pem"
    plain = serialization.NoEncryption()
    secret = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file.write_bytes(secret + made.public_bytes(serialization.Encoding.PEM))
    return file


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers with the host that was asked for."""

    def do_GET(self) -> None:
        body = self.headers["Host"].encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """(port, certificate) of a site that is called localhost."""
    file = certificate("localhost", tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield server.server_address[1], file
    server.shutdown()
    server.server_close()
    thread.join()


class Trusting(Fetcher):
    """Trusts one certificate, and finds every host at 127.0.0.1."""

    def trust(self, port: int, file: Path, *hosts: str) -> None:
        for host in hosts:
            client = httpx.AsyncClient(trust_env=False, verify=ssl.create_default_context(cafile=str(file)))
            self._clients[host, port] = "127.0.0.1", client


async def test_the_certificate_must_be_that_of_the_host(site: tuple[int, Path]) -> None:
    port, file = site
    async with Trusting(delay=0, private=True) as fetcher:
        fetcher.trust(port, file, "localhost", "other.example")
        assert (await fetcher.get(f"https://localhost:{port}/")).data == f"localhost:{port}".encode()
        with pytest.raises(UnreadableError, match=r"Hostname mismatch|certificate"):
            await fetcher.get(f"https://other.example:{port}/")


async def test_a_certificate_that_nobody_vouches_for_is_refused(site: tuple[int, Path]) -> None:
    async with Fetcher(delay=0, private=True) as fetcher:
        with pytest.raises(UnreadableError, match="did not answer"):
            await fetcher.get(f"https://localhost:{site[0]}/")
