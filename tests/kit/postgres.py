"""A real PostgreSQL for tests: the one in TEST_PG_URL, or a private one started from the distribution's binaries."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.kit.ports import free_port

BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin")) if Path("/usr/lib/postgresql").exists() else []


def available() -> bool:
    """Whether a PostgreSQL can be had on this machine."""
    return "TEST_PG_URL" in os.environ or any((folder / "initdb").exists() for folder in BINARIES)


@contextmanager
def postgres() -> Iterator[str]:
    """URL of a running server, ended afterwards if it was started here."""
    if "TEST_PG_URL" in os.environ:
        yield os.environ["TEST_PG_URL"]
        return
    folder = Path(tempfile.mkdtemp(prefix="orewire-pg-", dir="/tmp"))
    try:
        with _started(folder / "data", free_port()) as url:
            yield url
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _started(data: Path, port: int) -> Iterator[str]:
    binaries = next(folder for folder in reversed(BINARIES) if (folder / "initdb").exists())
    user = _unprivileged(data.parent)
    initdb = [binaries / "initdb", "-D", data, "-U", "orewire", "-A", "trust", "--no-sync", "-E", "UTF8"]
    subprocess.run(initdb, check=True, capture_output=True, **user)
    options = ["-c", "fsync=off", "-c", f"unix_socket_directories={data.parent}", "-c", "listen_addresses=127.0.0.1"]
    server = subprocess.Popen(
        [binaries / "postgres", "-D", data, "-p", str(port), *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **user,
    )
    try:
        ready = [binaries / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-t", "20"]
        while subprocess.run(ready, check=False, capture_output=True).returncode and server.poll() is None:
            pass
        yield f"postgresql://orewire@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def _unprivileged(folder: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root: as root, become `postgres`."""
    if os.geteuid() != 0:
        return {}
    entry = pwd.getpwnam("postgres")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
