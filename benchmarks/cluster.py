"""A private PostgreSQL cluster for a benchmark: made, started, and taken away afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

USER, DATABASE = "bench", "postgres"


@dataclass(frozen=True)
class Cluster:
    """A running server that trusts this computer; durable as an installation's is."""

    folder: Path
    port: int

    @property
    def words(self) -> str:
        """How a client connects through the socket, as libpq reads it."""
        return f"host={self.folder} port={self.port} user={USER} dbname={DATABASE}"

    @property
    def url(self) -> str:
        """The address over the loopback."""
        return f"postgresql://{USER}@127.0.0.1:{self.port}/{DATABASE}"


@contextmanager
def running() -> Iterator[Cluster | None]:
    """Give a cluster with fsync on; None where PostgreSQL is absent."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found or not shutil.which("su"):
        print("PostgreSQL is not installed here: measured without it.")
        yield None
        return
    binaries = found[-1].parent
    home = Path(tempfile.mkdtemp(prefix="huoshui-postgresql-"))
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)

    def run(command: str) -> None:
        words = ["su", user, "-c", command] if user else ["sh", "-c", command]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/")

    port = _free_port()
    run(f"{binaries}/initdb -D {home}/data -A trust -U {USER} --no-locale -E UTF8")
    flags = f"-k {home} -p {port} -c listen_addresses=127.0.0.1 -c fsync=on"
    flags += " -c synchronous_commit=on -c shared_buffers=512MB -c max_wal_size=4GB"
    run(f'{binaries}/pg_ctl -D {home}/data -w -l {home}/log -o "{flags}" start')
    try:
        yield Cluster(home, port)
    finally:
        run(f"{binaries}/pg_ctl -D {home}/data -w -m immediate stop")
        shutil.rmtree(home)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
