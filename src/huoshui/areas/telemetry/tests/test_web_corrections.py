"""The pages of corrections and retention, as people of different posts meet them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from huoshui.areas.telemetry import contracts, facade, keeping, models
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import HOUR, MINUTE, NOON
from huoshui.kernel.accounts import actions as accounts


@pytest.fixture
def point(home: Path, db: None) -> str:
    facade.declare_points([contracts.PointDeclaration("a.flow", "A", "甲", "flow")], None)
    number = facade.point_ids()["a.flow"]
    historian = keeping.open_historian()
    at = [NOON - HOUR + minute * MINUTE for minute in range(60)]
    historian.accept(cast.columns([number] * 60, at, [5.0] * 60))
    historian.write_latest()
    historian.close()
    return "a.flow"


def signed_in(client: Client, post: str) -> Client:
    user, _password = accounts.add_user(post, post, posts=(post,))
    client.force_login(user)
    return client


FORM = {
    "from_at": "2026-03-01T19:10",
    "until": "2026-03-01T19:20",
    "how": "value",
    "value": "7.5",
    "reason": "valve open",
}


class TestCorrections:
    def test_are_made_listed_and_undone(self, client: Client, point: str) -> None:
        """19:10 in Shanghai is 11:10 UTC; ten readings a minute apart lie in the span."""
        signed_in(client, "dispatcher")

        made = client.post(f"/telemetry/corrections/add/{point}/", FORM)
        page = client.get(made["Location"]).content.decode()
        listed = client.get("/telemetry/corrections/").content.decode()

        assert made.status_code == 302
        assert "valve open" in page
        assert "valve open" in listed
        row = models.Correction.objects.get()
        assert row.readings == 10
        undone = client.post(f"/telemetry/corrections/{row.pk}/undo/")
        assert undone.status_code == 302
        row.refresh_from_db()
        assert row.undone_at is not None
        assert client.post(f"/telemetry/corrections/{row.pk}/undo/").status_code == 409

    def test_keep_what_was_typed_when_it_is_refused(self, client: Client, point: str) -> None:
        signed_in(client, "dispatcher")

        answer = client.post(f"/telemetry/corrections/add/{point}/", {**FORM, "value": ""})

        assert answer.status_code == 422
        assert "valve open" in answer.content.decode()
        assert not models.Correction.objects.exists()

    def test_are_read_but_not_made_by_viewers(self, client: Client, point: str) -> None:
        signed_in(client, "viewer")

        assert client.get("/telemetry/corrections/").status_code == 200
        assert client.get(f"/telemetry/corrections/add/{point}/").status_code == 403
        assert client.post("/telemetry/corrections/1/undo/").status_code == 403


class TestRetention:
    def test_is_changed_by_managers_only(self, client: Client, point: str) -> None:
        signed_in(client, "manager")
        changed = client.post("/telemetry/retention/process/", {"keep_days": "730"})
        listed = client.get("/telemetry/retention/").content.decode()

        assert changed.status_code == 302
        assert models.RetentionClass.objects.get(code="process").keep_days == 730
        assert "2.0" in listed
        assert client.post("/telemetry/retention/process/", {"keep_days": "3"}).status_code == 422
        assert client.get("/telemetry/retention/nothing/").status_code == 404
        assert client.get("/telemetry/retention/deletions/").status_code == 200

        signed_in(client, "dispatcher")
        assert client.get("/telemetry/retention/").status_code == 200
        assert client.post("/telemetry/retention/process/", {"keep_days": "40"}).status_code == 403
