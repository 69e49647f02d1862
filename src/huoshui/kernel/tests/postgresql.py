"""A PostgreSQL of a test's own: made, started, and taken away. None where it is not installed."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def running() -> Iterator[dict[str, str] | None]:
    """Give how Django connects to a fresh server on this computer."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found or (os.geteuid() == 0 and not shutil.which("su")):
        yield None
        return
    home = Path(tempfile.mkdtemp(prefix="huoshui-test-postgresql-"))
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else ""
    if user:
        shutil.chown(home, user)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])

    def run(command: str) -> None:
        words = ["su", user, "-c", command] if user else ["sh", "-c", command]
        subprocess.run(words, check=True, stdout=subprocess.DEVNULL, cwd="/")

    binaries = found[-1].parent
    run(f"{binaries}/initdb -N -D {home}/data -A trust -U tester --no-locale -E UTF8")
    flags = f"-k {home} -p {port} -c listen_addresses= -c fsync=off -c shared_buffers=16MB"
    run(f'{binaries}/pg_ctl -D {home}/data -w -l {home}/log -o "{flags}" start')
    try:
        yield {
            "ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "tester",
            "HOST": str(home), "PORT": port,
        }  # fmt: skip
    finally:
        run(f"{binaries}/pg_ctl -D {home}/data -w -m immediate stop")
        shutil.rmtree(home)
