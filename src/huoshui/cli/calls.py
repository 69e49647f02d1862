"""Play calls as a telephone system would tell them: signed, over HTTP, as fast as real ones."""

from __future__ import annotations

import argparse
import json
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from huoshui.kernel import errors, settings

PATH = "/api/v1/hotline/events"
TIMEOUT_S = 10.0
A_CUSTOMER = "13920512423"
"""An invented number of the demo city: 泉水花园 1 号楼 1 单元 101 室, account 600001."""


class NotTaken(errors.Refused):
    """The hotline did not take an event."""

    def __init__(self, url: str, said: str) -> None:
        super().__init__(
            "calls.not_taken",
            f"{url} did not take the event: {said}",
            next_step="Is the web part running, and is this the home folder that it uses?",
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Describe the call to play."""
    parser.add_argument("--url", default="", help="address of the web part (this computer's)")
    parser.add_argument("--caller", default=A_CUSTOMER, help="number of the caller; '' withheld")
    parser.add_argument("--extension", default="8001", help="where it rings (8001)")
    parser.add_argument("--transfer-to", default="", help="extension to which it is given")
    parser.add_argument("--ring", type=float, default=4.0, metavar="S", help="seconds it rings (4)")
    parser.add_argument(
        "--talk", type=float, default=20.0, metavar="S", help="seconds of talk (20)"
    )
    parser.add_argument("--give-up", action="store_true", help="nobody answers")
    parser.add_argument("--count", type=int, default=1, help="so many calls, one after the other")


def events_of(options: argparse.Namespace, call_id: str) -> Iterator[tuple[float, dict[str, str]]]:
    """Yield the events of one call, each with the seconds to wait before it."""
    base = {"call_id": call_id, "caller": options.caller}
    yield 0.0, {**base, "event_id": "1", "kind": "ringing", "extension": options.extension}
    if not options.give_up:
        yield options.ring, {
            **base, "event_id": "2", "kind": "answered", "extension": options.extension,
        }  # fmt: skip
        talk = options.talk
        if options.transfer_to:
            talk /= 2
            yield talk, {
                **base, "event_id": "3", "kind": "transferred", "target": options.transfer_to,
            }  # fmt: skip
        yield talk, {**base, "event_id": "4", "kind": "ended"}
    else:
        yield options.ring, {**base, "event_id": "4", "kind": "ended"}


def run(options: argparse.Namespace) -> int:
    """Play the calls; exit status 2 when the hotline refuses."""
    import django

    django.setup()
    chosen = settings.get()
    url = (options.url or f"http://127.0.0.1:{chosen.port}").rstrip("/") + PATH
    if chosen.telephony_secret is None:
        raise NotTaken(url, "this home folder has no telephony secret")
    for _number in range(options.count):
        play(options, url, chosen.telephony_secret.get_secret_value(), send, time.sleep)
    return 0


def play(
    options: argparse.Namespace,
    url: str,
    secret: str,
    send_one: Callable[[str, bytes, dict[str, str]], dict[str, Any]],
    wait: Callable[[float], object],
) -> None:
    """Tell one call, event by event."""
    from huoshui.areas.hotline import facade as hotline
    from huoshui.kernel import clock

    call_id = f"played-{uuid.uuid4()}"
    began, passed_s = clock.now(), 0.0
    for pause_s, event in events_of(options, call_id):
        wait(pause_s)
        # Counted from the ring, because the demo's clock runs faster than people talk.
        passed_s += pause_s
        at = began + timedelta(seconds=passed_s)
        body = json.dumps({**event, "at": at.isoformat()}).encode()
        answer = send_one(url, body, hotline.signed_headers(secret, body))
        sys.stdout.write(f"{event['kind']:<12} {answer['state']}\n")
        sys.stdout.flush()


def send(url: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    """Post one event; refuses with what the hotline answers."""
    if not url.startswith(("http://", "https://")):
        raise NotTaken(url, "the address must begin with http:// or https://")
    request = urllib.request.Request(
        url, data=body, headers={"Content-Type": "application/json", **headers}, method="POST"
    )
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT_S) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as refused:
        raise NotTaken(url, refused.read().decode("utf-8", "replace")[:300]) from refused
    except (urllib.error.URLError, OSError) as problem:
        raise NotTaken(url, str(problem)) from problem
