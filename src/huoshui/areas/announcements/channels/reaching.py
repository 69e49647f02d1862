"""Speaking HTTP to a gateway: only to hosts that the installation allows, never redirected."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from huoshui.kernel import settings

TIMEOUT_S = 10.0
ANSWER_BYTES_MAX = 200_000
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


class NotReached(Exception):
    """No answer came. ``is_certain`` tells that the request never arrived either."""

    def __init__(self, reason: str, text: str, *, is_certain: bool) -> None:
        super().__init__(reason)
        self.reason, self.text, self.is_certain = reason, text, is_certain


@dataclass(frozen=True)
class Answer:
    """What a gateway answered; ``said`` is empty where it was not an object of JSON."""

    status: int
    headers: Mapping[str, str]
    said: Mapping[str, Any]

    @property
    def retry_after_s(self) -> float | None:
        """The wait in seconds that it asks for, where it says one."""
        value = self.headers.get("retry-after", "")
        return float(value) if value.isdigit() else None


def allowed_hosts() -> frozenset[str]:
    """Return the hosts that messages may be given to, from the settings of the installation."""
    listed = settings.get().message_hosts.split(",")
    return frozenset(one.strip().lower() for one in listed if one.strip())


def host_of(address: str) -> str:
    """Return the host that an address leads to, with its port where it names one."""
    parts = urlsplit(address if "//" in address else f"//{address}")
    try:
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return ""
    return f"{host}:{port}" if host and port else host


def is_allowed(host: str) -> bool:
    """Tell whether messages may be given to a host; a name in the list allows all its ports."""
    listed = allowed_hosts()
    return bool(host) and (host in listed or host.rpartition(":")[0] in listed)


def is_address(address: str) -> bool:
    """Tell whether an address is one to speak to: https, or http on this computer itself."""
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.username or parts.password or parts.fragment:
        return False
    return bool(host) and (parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK))


def post(address: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send JSON and return the answer. Raises `NotReached`; follows no redirection."""
    parts = urlsplit(address)
    if not is_address(address) or not is_allowed(host_of(address)):
        raise NotReached("host_not_allowed", host_of(address), is_certain=True)
    connection = _connection(parts.scheme, parts.hostname or "", parts.port)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        try:
            connection.connect()
        except (OSError, ssl.SSLError) as problem:
            raise NotReached("unreachable", _words(problem), is_certain=True) from problem
        try:
            connection.request(
                "POST", path, body, {"Content-Type": "application/json; charset=utf-8", **headers}
            )
            response = connection.getresponse()
            content = response.read(ANSWER_BYTES_MAX)
        except TimeoutError as problem:
            raise NotReached("timeout", "", is_certain=False) from problem
        except (OSError, http.client.HTTPException) as problem:
            raise NotReached("cut_off", _words(problem), is_certain=False) from problem
    finally:
        connection.close()
    named = {name.lower(): value for name, value in response.getheaders()}
    return Answer(response.status, named, _object(content))


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=TIMEOUT_S, context=context)
    return http.client.HTTPConnection(host, port, timeout=TIMEOUT_S)


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _words(problem: BaseException) -> str:
    if isinstance(problem, socket.gaierror):
        return "no such host"
    return str(getattr(problem, "strerror", "") or type(problem).__name__)[:200]
