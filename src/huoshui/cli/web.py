"""Serve pages, API and live values from one process."""

from __future__ import annotations

import argparse
import gc
import socket
from typing import TYPE_CHECKING, Any

from huoshui.cli import running
from huoshui.kernel import errors, settings

if TYPE_CHECKING:
    import uvicorn

STOP_S = 2


class PortInUse(errors.Refused):
    """Another program already listens where we should."""

    def __init__(self, host: str, port: int) -> None:
        super().__init__(
            "web.port_in_use",
            f"Port {port} on {host} is already in use by another program.",
            data={"host": host, "port": port},
            next_step="Stop that program, or choose another port: HUOSHUI_PORT=8800.",
        )


class NoSecret(errors.Refused):
    """Without a kept secret every restart would end all sessions."""

    def __init__(self) -> None:
        super().__init__(
            "web.no_secret",
            "This installation has no secret key yet.",
            next_step="Run ./huoshui setup once.",
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take no options: everything is a setting."""


def run(options: argparse.Namespace) -> int:
    """Listen until told to stop."""
    chosen = settings.get()
    if chosen.secret_key is None:
        raise NoSecret
    listening = listen(chosen.host, chosen.port)
    # These need Django's apps, which the import above has made ready.
    from huoshui.kernel.health import versions
    from huoshui.project.asgi import application

    versions.require()
    # What start-up made is there for good. Without this every great clean-up of memory walks
    # through all of it and holds up whoever asks just then: measured, 0.1 to 0.5 s.
    gc.collect()
    gc.freeze()

    # The server stops in order by itself, and then repeats the signal to whoever was there before
    # it: without this that would be the end by signal of a process that ended well.
    running.stop_on_signals()
    server_of(application, behind_proxy=chosen.https).run(sockets=[listening])
    return 0


def server_of(application: Any, *, behind_proxy: bool) -> uvicorn.Server:
    """Return the server of an application."""
    import uvicorn

    config = uvicorn.Config(
        application,
        log_config=None,
        access_log=False,
        server_header=False,
        # Without a proxy of ours anybody on this computer could name another address with each
        # wrong password, and would never be locked out.
        proxy_headers=behind_proxy,
        # Open live streams never end by themselves; without this the server would wait for them.
        timeout_graceful_shutdown=STOP_S,
        timeout_keep_alive=30,
    )
    return uvicorn.Server(config)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket, or refuse with `web.port_in_use`."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host.strip("[]"), port))
        # Binding alone lets two servers share a port on some systems; listening does not.
        listening.listen(512)
    except OSError as taken:
        listening.close()
        raise PortInUse(host, port) from taken
    return listening
