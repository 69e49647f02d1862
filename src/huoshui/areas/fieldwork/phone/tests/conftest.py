"""The cast of fieldwork's tests, with a phone in the hand of each crew."""

from __future__ import annotations

import hashlib
import io
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from huoshui.areas.fieldwork import actions, contracts, models
from huoshui.areas.fieldwork.tests.conftest import (  # noqa: F401
    NOW,
    browser,
    crew,
    dispatcher,
    leader,
    now,
    person,
    place,
    street,
)
from huoshui.kernel import clock, settings
from huoshui.kernel.accounts.models import User

NOW_MS = NOW.timestamp() * 1000


@pytest.fixture(autouse=True)
def real_clock(now, monkeypatch):  # noqa: F811
    """The computer's clock shows what the product's shows."""
    monkeypatch.setattr(clock, "real_now", clock.now)


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """Keep parts of photos in a folder of the test."""
    chosen = settings.get().model_copy(update={"home": tmp_path / "home"})
    monkeypatch.setattr(settings, "get", lambda: chosen)
    return chosen.home


class Phone:
    """A phone that somebody carries: writes entries down and hands them in."""

    def __init__(self, client: Client, *, ahead: timedelta = timedelta(0)) -> None:
        self.client = client
        self.id = uuid.uuid4()
        self.ahead_ms = ahead.total_seconds() * 1000
        self.number = 0

    def entry(
        self, kind: str, job: str, *, ago_s: float = 0, behind_ms: float | None = None, **body: Any
    ) -> dict[str, str]:
        """Write one entry down."""
        self.number += 1
        key = str(uuid.uuid4())
        said = {
            "id": key, "number": self.number, "kind": kind, "job": job, "body": body,
            "at_ms": NOW_MS + self.ahead_ms - ago_s * 1000, "behind_ms": behind_ms,
        }  # fmt: skip
        payload = json.dumps(said)
        return {"id": key, "payload": payload, "payload_hash": sha(payload.encode())}

    def send(self, *entries: dict[str, str]) -> list[dict[str, Any]]:
        """Hand entries in and return their receipts."""
        body = {
            "phone_id": str(self.id), "sent_ms": NOW_MS + self.ahead_ms, "entries": list(entries),
        }  # fmt: skip
        answer = self.client.post(
            "/api/v1/fieldwork/phone/entries", json.dumps(body), content_type="application/json"
        )
        assert answer.status_code == 200, answer.content
        return list(answer.json()["receipts"])

    def put(self, content: bytes, *, offset: int = 0, piece: int | None = None, named: str = ""):
        """Send a piece of a photo."""
        part = content[offset:] if piece is None else content[offset : offset + piece]
        return self.client.put(
            f"/api/v1/fieldwork/phone/photos/{named or sha(content)}"
            f"?offset={offset}&size_bytes={len(content)}",
            part,
            content_type="application/octet-stream",
        )

    def reckon(self, entries: list[dict[str, str]], photos: list[bytes]) -> dict[str, Any]:
        """Count the day with the server."""
        listed = {one["id"]: one["payload_hash"] for one in entries}
        hashes = sorted({sha(photo) for photo in photos})
        lines = "".join(f"{key} {listed[key]}\n" for key in sorted(listed))
        lines += "".join(f"photo {one}\n" for one in hashes)
        body = {
            "phone_id": str(self.id), "day": "2026-03-02", "entries": listed, "photos": hashes,
            "list_hash": sha(lines.encode()),
        }  # fmt: skip
        answer = self.client.post(
            "/api/v1/fieldwork/phone/reckoning", json.dumps(body), content_type="application/json"
        )
        assert answer.status_code == 200, answer.content
        return dict(answer.json())


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def jpeg(colour: str = "brown") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def job(street, dispatcher, place, crew) -> models.Job:  # noqa: F811
    made = actions.request_job(place=place, by_id=dispatcher.pk, kind=contracts.JobKind.LEAK_SEARCH)
    return actions.assign_job(number=made.number, to=crew, by_id=dispatcher.pk)


@pytest.fixture
def phone_of(browser) -> Callable[..., Phone]:  # noqa: F811
    def make(user: User, **chosen: Any) -> Phone:
        return Phone(browser(user), **chosen)

    return make


@pytest.fixture
def phone(phone_of, crew) -> Phone:  # noqa: F811
    return phone_of(crew)
