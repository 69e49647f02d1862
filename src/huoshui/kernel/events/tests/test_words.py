"""Events as people read them on the page of a delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from django.db import transaction
from django.utils import translation

from huoshui.kernel import events
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.audit import words as audit_words
from huoshui.kernel.events import dispatcher, outbox, words
from huoshui.kernel.events.models import Delivery


@dataclass(frozen=True)
class LampLit:
    """A lamp was lit."""

    number: str
    points: tuple[str, ...]
    is_bright: bool
    at: datetime
    by_id: int | None


@pytest.fixture
def lit(db, monkeypatch) -> int:
    """One delivery of a lamp that Wang lit; return its number."""
    monkeypatch.setattr(outbox, "_listeners", {})
    monkeypatch.setattr(words, "_names", {})
    monkeypatch.setattr(audit_words, "_details", dict(audit_words._details))
    events.listen(LampLit, lambda event: None, name="lamps.count", label="Count lamps")
    events.name_event(LampLit, "Lamp lit")
    audit_words.name_details({"is_bright": "Bright"})
    wang, _password = accounts.add_user("wang", "Wang")
    with transaction.atomic():
        at = datetime(2026, 3, 1, 4, 30, tzinfo=UTC)
        events.publish(LampLit("L-1", ("a", "b"), True, at, wang.pk))
    dispatcher.dispatch()
    return Delivery.objects.get().pk


class TestEvents:
    def test_are_told_in_words_with_moments_and_people(self, lit):
        row = Delivery.objects.select_related("event").get()
        with translation.override("en"):
            said = {str(k): v for k, v in words.rows_of(row.event.kind, row.event.payload)}

        assert said["Bright"] == "yes"
        assert said["By"] == "Wang"
        assert said["Number"] == "L-1"
        assert said["Points"] == "a, b"
        assert any("12:30" in value for value in said.values())
        assert not any("{" in value or "+00:00" in value for value in said.values())

    def test_stand_on_the_pages_by_their_names(self, lit, client):
        boss, _password = accounts.add_user("boss", "Boss", posts=("administrator",))
        client.force_login(boss)

        assert "Lamp lit" in client.get("/system/events/").content.decode()
        text = client.get(f"/system/events/{lit}/").content.decode()
        assert "Lamp lit" in text
        assert "LampLit" not in text

    def test_of_another_version_stay_a_code(self):
        assert words.name_of("huoshui.areas.gone.contracts.Vanished") == "Vanished"
        assert words.area_of("huoshui.areas.gone.contracts.Vanished") == "gone"
