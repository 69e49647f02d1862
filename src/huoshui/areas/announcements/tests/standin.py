"""Stand-ins on this computer for what messages are handed to: gateways and a mail server.

They check what the real ones check (signatures, tokens, keys) and can be told to answer with a
fault, to keep silent, or to be slow; every message that they took is kept for the test to count.
"""

from __future__ import annotations

import json
import socketserver
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from huoshui.areas.announcements.channels import sms

SECRET = "gateway-secret"
APPID, APP_SECRET = "wx-test", "app-secret"
CLOCK_S = 300

Answer = tuple[int, dict[str, Any], dict[str, str]]


class Standin(ThreadingHTTPServer):
    """Both HTTP gateways in one server: ``/sms`` and ``/cgi-bin/...``."""

    daemon_threads = True
    # A test that ends must not wait for an answer that is late on purpose.
    block_on_close = False
    # Sixteen callers at once are more than five that may wait at the door.
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Asked)
        self.lock = threading.Lock()
        self.taken: dict[str, dict[str, Any]] = {}
        self.numbers: dict[str, int] = {}
        self.asked: Counter[str] = Counter()
        self.nonces: set[str] = set()
        self.refused_signatures = 0
        self.tokens_given = 0
        self.token = "token-0"
        self.slow_s = 0.0
        self.answers: list[Answer | None] = []
        """What to answer the next requests instead; None is the usual answer."""

    @property
    def address(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    def scripted(self) -> Answer | None:
        """Return the next answer that the test ordered."""
        with self.lock:
            return self.answers.pop(0) if self.answers else None

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about callers that were killed in the middle: the tests kill them."""


class _Asked(BaseHTTPRequestHandler):
    server: Standin

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        path = urlsplit(self.path)
        if path.path == "/sms":
            answer = self._sms(body)
        elif path.path == "/cgi-bin/stable_token":
            answer = self._token(json.loads(body))
        elif path.path == "/cgi-bin/message/template/send":
            answer = self._template(json.loads(body), parse_qs(path.query))
        else:
            answer = (404, {}, {})
        self._say(*answer)

    def _say(self, status: int, said: dict[str, Any], headers: dict[str, str]) -> None:
        content = json.dumps(said).encode()
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def _sms(self, body: bytes) -> Answer:
        here = self.server
        moment, nonce = self.headers[sms.TIME], self.headers[sms.NONCE]
        wanted = sms.signature(SECRET, moment, nonce, body)
        is_fresh = abs(time.time() - int(moment)) < CLOCK_S and nonce not in here.nonces
        if self.headers[sms.SIGNATURE] != wanted or not is_fresh:
            here.refused_signatures += 1
            return 401, {"code": "signature", "message": "signature is wrong"}, {}
        here.nonces.add(nonce)
        said = json.loads(body)
        return self._take(said["key"], said)

    def _take(self, key: str, said: dict[str, Any]) -> Answer:
        here = self.server
        with here.lock:
            here.asked[key] += 1
        ordered = here.scripted()
        if ordered is not None:
            return ordered
        with here.lock:
            known = key in here.taken
            if not known:
                here.taken[key] = said
                here.numbers[key] = len(here.taken)
            number = f"G{here.numbers[key]}"
        # Taken first and answered late, as a gateway is whose line is slow.
        time.sleep(here.slow_s)
        parts = 1 + max(0, len(said.get("text", "")) - 1) // 70
        return 200, {"code": "duplicate" if known else "ok", "id": number, "parts": parts}, {}

    def _token(self, said: dict[str, Any]) -> Answer:
        here = self.server
        if (said.get("appid"), said.get("secret")) != (APPID, APP_SECRET):
            return 200, {"errcode": 40125, "errmsg": "invalid appsecret"}, {}
        here.tokens_given += 1
        if said.get("force_refresh"):
            here.token = f"token-{here.tokens_given}"
        return 200, {"access_token": here.token, "expires_in": 7200}, {}

    def _template(self, said: dict[str, Any], query: dict[str, list[str]]) -> Answer:
        here = self.server
        if query.get("access_token") != [here.token]:
            return 200, {"errcode": 42001, "errmsg": "access_token expired"}, {}
        status, answer, headers = self._take(said["client_msg_id"], said)
        if "code" in answer:
            number = int(answer["id"].removeprefix("G"))
            answer = {"errcode": 0, "errmsg": "ok", "msgid": number}
        return status, answer, headers


@contextmanager
def running() -> Iterator[Standin]:
    """Yield a stand-in that answers on a port of its own."""
    server = Standin()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class MailServer(socketserver.ThreadingTCPServer):
    """A mail server of the shortest kind: it takes letters, and refuses addresses on purpose."""

    daemon_threads = True
    block_on_close = False
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Letter)
        self.letters: list[str] = []
        self.refusals: dict[str, str] = {}
        self.after_data: Callable[[], str | None] = lambda: "250 taken"
        """What it says to a whole letter; None hangs up instead."""


class _Letter(socketserver.StreamRequestHandler):
    server: MailServer

    def handle(self) -> None:
        self._say("220 stand-in")
        while line := self.rfile.readline().decode().strip():
            word = line.split(":")[0].upper()
            if word.startswith(("EHLO", "HELO")):
                self._say("250 stand-in")
            elif word == "RCPT TO":
                address = line.split("<")[1].rstrip(">").split(">")[0]
                self._say(self.server.refusals.get(address, "250 fine"))
            elif word == "DATA":
                self._say("354 go on")
                if not self._letter():
                    return
            elif word == "QUIT":
                self._say("221 bye")
                return
            else:
                self._say("250 fine")

    def _letter(self) -> bool:
        lines: list[str] = []
        while (line := self.rfile.readline().decode().rstrip("\r\n")) != ".":
            lines.append(line)
        answer = self.server.after_data()
        self.server.letters.append("\n".join(lines))
        if answer is None:
            return False
        self._say(answer)
        return True

    def _say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())


@contextmanager
def mail() -> Iterator[MailServer]:
    """Yield a mail server on a port of its own."""
    server = MailServer()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
