"""A time stamp service (RFC 3161) on loopback: openssl behind a socket."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

CONFIGURATION = """[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/certificate.pem
signer_key = {folder}/key.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""
EXTENSIONS = (
    "basicConstraints=critical,CA:FALSE", "keyUsage=critical,digitalSignature",
    "extendedKeyUsage=critical,timeStamping",
)  # fmt: skip


@contextmanager
def stamping(folder: Path) -> Iterator[tuple[str, list[bytes]]]:
    """Its address, and the queries that it has heard."""
    _prepared(folder)
    heard: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append(self.rfile.read(int(self.headers["Content-Length"])))
            answer = _stamped(folder, heard[-1])
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/stamp", heard
        server.shutdown()


def _prepared(folder: Path) -> None:
    (folder / "tsa.conf").write_text(CONFIGURATION.format(folder=folder), "utf-8")
    (folder / "serial").write_text("01", "utf-8")
    extensions = [part for extension in EXTENSIONS for part in ("-addext", extension)]
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    new = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/O=Test/CN=stamps"]
    subprocess.run([*new, "-keyout", key, "-out", certificate, *extensions], check=True, capture_output=True)


def _stamped(folder: Path, query: bytes) -> bytes:
    asked, answer = folder / "query.tsq", folder / "answer.tsr"
    asked.write_bytes(query)
    reply = ["openssl", "ts", "-reply", "-config", folder / "tsa.conf", "-queryfile", asked, "-out", answer]
    subprocess.run(reply, check=True, capture_output=True)
    return answer.read_bytes()
