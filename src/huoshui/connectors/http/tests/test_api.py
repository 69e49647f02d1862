"""Pushing readings: 202 only when they are safe, once for each key, and never without a token."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from huoshui.areas.telemetry import facade as telemetry
from huoshui.areas.telemetry.contracts import PointDeclaration
from huoshui.connecting import messages
from huoshui.connectors.http import api
from huoshui.kernel import clock, settings
from huoshui.kernel.accounts.models import Post, PostHolding, User

AT = "2026-03-01T08:00:00Z"
ONE = {"readings": [{"point": "p1.flow", "at": AT, "value": 12.5}]}
URL = "/api/v1/telemetry/push?source=pump"


@pytest.fixture
def sender(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Client]:
    """Return a program whose user may push, with a source and a point set up."""
    chosen = settings.get().model_copy(update={"home": tmp_path})
    monkeypatch.setattr(settings, "get", lambda: chosen)
    now = clock.now()
    user = User.objects.create(username="program", name="program", created_at=now)
    PostHolding.objects.create(
        user=user, post=Post.objects.get(code="administrator"), from_at=now - timedelta(days=1)
    )
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    form = {"code": "pump", "title": "Pump house"}
    assert client.post("/telemetry/sources/add/http/", form).status_code == 302
    telemetry.declare_points([PointDeclaration("p1.flow", "Flow", "流量", "flow")], by_id=None)
    api._store.cache_clear()
    api._healths.clear()
    yield client
    api._store().receiving.unadopted.close()
    api._store.cache_clear()


def push(client: Client, body: Any = None, url: str = URL, **more: Any) -> Any:
    return client.post(
        url, data=ONE if body is None else body, content_type="application/json", **more
    )


def stored() -> list[float]:
    """Let the ingest process take in what was handed over; return the values of the point."""
    historian = telemetry.open_historian()
    try:
        historian.take_in()
    finally:
        historian.close()
    now = clock.now()
    found = telemetry.readings(["p1.flow"], now - timedelta(days=1), now)
    return found["p1.flow"].value.tolist()


class TestPush:
    def test_answers_202_and_the_reading_is_in_the_history(self, sender):
        answer = push(sender)

        assert answer.status_code == 202
        assert answer.json() == {
            "accepted": 1, "unknown": {}, "without_value": 0, "refused": 0, "problems": [],
            "repeated": False,
        }  # fmt: skip
        assert stored() == [12.5]

    def test_keeps_readings_of_unknown_codes_and_says_so(self, sender):
        body = {"readings": [*ONE["readings"], {"point": "ghost", "at": AT, "value": 1}]}
        answer = push(sender, body).json()

        assert (answer["accepted"], answer["unknown"]) == (1, {"ghost": 1})
        assert "ghost" in sender.get("/telemetry/unknown/").content.decode()

    def test_gives_the_first_answer_again_for_the_same_key(self, sender):
        headers = {"HTTP_IDEMPOTENCY_KEY": "k-1"}
        first, second = push(sender, **headers).json(), push(sender, **headers).json()

        assert (first["repeated"], second["repeated"]) == (False, True)
        other = {"readings": [{"point": "p1.flow", "at": AT, "value": 99}]}
        refused = push(sender, other, **headers)
        assert (refused.status_code, refused.json()["code"]) == (422, "telemetry.push_key_reused")
        assert stored() == [12.5]

    def test_refuses_what_has_no_reading_with_every_problem(self, sender):
        answer = push(sender, {"readings": [{"point": "p1.flow", "at": "x", "value": 1}]})

        assert answer.status_code == 422
        assert answer.json()["data"]["problems"][0]["code"] == "reading.at_missing"

    def test_refuses_more_than_is_read_at_once(self, sender):
        answer = sender.generic("POST", URL, b" " * (messages.MAX_BYTES + 1), "application/json")

        assert (answer.status_code, answer.json()["code"]) == (413, "telemetry.push_too_large")

    def test_refuses_a_source_that_is_not_set_up_or_paused(self, sender):
        assert push(sender, url=URL.replace("pump", "ghost")).status_code == 404
        sender.post("/telemetry/sources/pump/pause/")
        assert push(sender).json()["code"] == "telemetry.source_paused"

    def test_needs_the_permission(self, sender, db):
        assert push(Client()).status_code == 401

    def test_shows_on_the_page_of_the_source(self, sender):
        push(sender)
        page = sender.get("/telemetry/sources/pump/").content.decode()

        assert "/api/v1/telemetry/push" in page
