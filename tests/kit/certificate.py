"""A certificate for loopback, made by openssl while the test runs."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

HAS_OPENSSL = shutil.which("openssl") is not None


@dataclass(frozen=True)
class Certificate:
    """A server's TLS context, and the PEM text that clients have to trust."""

    context: ssl.SSLContext
    pem: str


def make_certificate(folder: Path, *names: str) -> Certificate:
    """Valid for 127.0.0.1 and `names`, for two days."""
    key, certificate = folder / "key.pem", folder / "cert.pem"
    alternatives = ",".join(["IP:127.0.0.1", *(f"DNS:{name}" for name in names)])
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
            "-addext", f"subjectAltName={alternatives}", "-keyout", str(key), "-out", str(certificate),
        ],
        check=True, capture_output=True, timeout=30,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return Certificate(context, certificate.read_text("ascii"))
