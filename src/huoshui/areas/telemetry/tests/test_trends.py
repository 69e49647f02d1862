"""Trends: lines of formulas, remarks, saved views."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from huoshui.areas.telemetry import contracts, facade, keeping, models
from huoshui.areas.telemetry.tests.cast import NOON
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import Post, PostHolding, User
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db

NOW = contracts.from_us(NOON)
MINUTE_US = 60_000_000
HOURS = 30
PERIOD = {"from": (NOW - timedelta(hours=3)).isoformat(), "until": NOW.isoformat()}


@pytest.fixture
def readings(home: Path) -> None:
    """Thirty hours of two flows each minute: 10 + the minute of the hour, and 4; one gap of b."""
    facade.declare_points(
        [
            contracts.PointDeclaration("a.flow", "A", "甲", "flow", expected_every_s=60),
            contracts.PointDeclaration("b.flow", "B", "乙", "flow", expected_every_s=60),
        ],
        by_id=None,
    )
    ids = facade.point_ids()
    at_us = NOON - HOURS * 60 * MINUTE_US + np.arange(HOURS * 60) * MINUTE_US
    minute = (at_us // MINUTE_US) % 60
    two_hours_ago = (at_us >= NOON - 120 * MINUTE_US) & (at_us < NOON - 30 * MINUTE_US)
    historian = keeping.open_historian()
    try:
        for code, value in (("a.flow", 10.0 + minute), ("b.flow", np.full(len(at_us), 4.0))):
            keep = ~two_hours_ago if code == "b.flow" else np.ones(len(at_us), bool)
            count = int(keep.sum())
            historian.accept(
                contracts.Batch(
                    "test",
                    np.full(count, ids[code], np.int32),
                    at_us[keep],
                    value[keep],
                    np.zeros(count, np.uint8),
                )
            )
        while historian.flush():
            pass
    finally:
        historian.close()


def somebody(post: str, name: str = "") -> Client:
    user = User.objects.create(username=name or post, name=name or post, created_at=clock.now())
    PostHolding.objects.create(user=user, post=Post.objects.get(code=post), from_at=clock.now())
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def ask(text: str, **more: Any) -> Any:
    return somebody("viewer").get(
        reverse("api:telemetry-formula"), {"text": text, **PERIOD, **more}
    )


@pytest.mark.usefixtures("readings")
class TestFormula:
    def test_is_worked_out_from_the_readings_of_each_moment(self):
        [line] = ask("{a.flow} - {b.flow}").json()["series"]

        # The period begins at a full hour: 10 + 0 - 4, then one more with each minute.
        assert line["value"][:3] == [6.0, 7.0, 8.0]
        assert (line["unit"], line["resolution"]) == ("m³/h", "raw")

    def test_holds_a_value_for_an_hour_and_not_longer(self):
        [line] = ask("{a.flow} - {b.flow}").json()["series"]
        start = line["start_ms"]
        at_ms = start + np.append(0, np.cumsum(line["step_ms"]))
        gap = np.flatnonzero(np.diff(at_ms) > 60_000)

        # b is silent from two hours before noon to half past eleven: its last value, of 9:59,
        # holds until 10:59; from 11:30 on it is there again.
        assert [(NOON // 1000 - at_ms[i]) / 60_000 for i in (gap[0], gap[0] + 1)] == [61, 30]

    def test_looks_at_hourly_means_over_long_periods(self):
        period = {"from": (NOW - timedelta(days=20)).isoformat(), "until": NOW.isoformat()}
        [line] = ask("{a.flow} * 2", **period).json()["series"]

        # The mean of 10 to 69 is 39.5.
        assert line["resolution"] == "hourly"
        assert line["value"][3] == pytest.approx(79.0)

    @pytest.mark.parametrize(
        ("text", "position"), [("{a.flow} +", 10), ("{a.flow} + os.system(1)", 11), ("", None)]
    )
    def test_says_where_it_is_wrong(self, text: str, position: int | None):
        answer = ask(text)

        assert answer.status_code == 422
        assert answer.json()["code"] == "telemetry.formula_not_usable"
        if position is not None:
            assert answer.json()["data"]["position"] >= position - 1

    def test_names_points_that_nobody_declared(self):
        assert "c.flow" in ask("{a.flow} + {c.flow}").json()["message"]


@pytest.mark.usefixtures("readings")
class TestRemarks:
    URL = "api:telemetry-remark"

    def leave(self, client: Client, **changes: Any) -> Any:
        body = {
            "point": "a.flow",
            "text": "Hydrant  flushed",
            "from": (NOW - timedelta(hours=2)).isoformat(),
            "until": None,
            **changes,
        }
        return client.post(reverse(self.URL), body, content_type="application/json")

    def seen(self, client: Client) -> list[dict[str, Any]]:
        query = {"points": "a.flow,b.flow", **PERIOD}
        return client.get(reverse("api:telemetry-remarks"), query).json()

    def test_stand_on_every_trend_of_the_point(self):
        author, other = somebody("crew", "li"), somebody("viewer")
        assert self.leave(author).status_code == 200

        [mine], [theirs] = self.seen(author), self.seen(other)
        assert (mine["text"], mine["by"], mine["own"]) == ("Hydrant flushed", "li", True)
        assert theirs["own"] is False
        assert AuditRecord.objects.filter(action="telemetry.remark_written").exists()

    def test_belong_to_their_author(self):
        made = self.leave(somebody("crew", "li")).json()
        other = somebody("manager")
        answer = other.post(reverse("api:telemetry-remove-remark", args=[made["id"]]))

        assert answer.status_code == 404
        assert len(self.seen(other)) == 1

    def test_are_put_right_by_their_author_who_is_recorded(self):
        author = somebody("crew", "li")
        made = self.leave(author).json()
        address = reverse("api:telemetry-change-remark", args=[made["id"]])
        answer = author.post(address, {"text": "Flushed twice"}, content_type="application/json")

        assert answer.json()["text"] == self.seen(author)[0]["text"] == "Flushed twice"
        detail = AuditRecord.objects.get(action="telemetry.remark_changed").detail
        assert detail == {"before": "Hydrant flushed", "text": "Flushed twice"}

    def test_come_back_after_being_removed(self):
        author = somebody("crew", "li")
        made = self.leave(author).json()
        author.post(reverse("api:telemetry-remove-remark", args=[made["id"]]))
        gone = self.seen(author)
        author.post(reverse("api:telemetry-bring-back-remark", args=[made["id"]]))

        assert (gone, len(self.seen(author))) == ([], 1)

    @pytest.mark.parametrize(
        "changes",
        [{"text": " "}, {"text": "x" * 501}, {"until": (NOW - timedelta(hours=3)).isoformat()}],
    )
    def test_refuse_what_says_nothing_or_ends_before_it_begins(self, changes: dict[str, Any]):
        assert self.leave(somebody("crew"), **changes).status_code == 422
        assert not models.Remark.objects.exists()

    def test_are_not_for_those_who_only_look(self):
        assert self.leave(somebody("viewer")).status_code == 403

    def test_are_listed_and_found_by_their_words(self):
        client = somebody("crew", "li")
        self.leave(client)
        page = client.get(reverse("telemetry:remarks"), {"q": "flushed"}).content.decode()
        other = client.get(reverse("telemetry:remarks"), {"q": "burst"}).content.decode()

        assert "Hydrant flushed" in page
        assert "Hydrant flushed" not in other


@pytest.mark.usefixtures("readings")
class TestPage:
    def test_opens_with_what_the_address_says(self):
        page = somebody("viewer").get(reverse("telemetry:trends"), {"points": "a.flow,b.flow"})

        assert page.status_code == 200
        assert "b.flow" in page.content.decode()

    def test_keeps_a_view_and_offers_it_again(self):
        client = somebody("viewer")
        query = "points=a.flow&layout=stacked"
        answer = client.post(
            reverse("telemetry:save-trend-view"), {"name": "Night", "query": query}
        )
        page = client.get(reverse("telemetry:trends"), {"points": "b.flow"}).content.decode()

        assert answer["Location"].endswith(query)
        assert "Night" in page
        assert "layout=stacked" in page

    def test_tells_an_alarm_from_its_raising_to_its_clearing(self):
        point = models.Point.objects.get(code="a.flow")
        models.Alarm.objects.create(
            point=point,
            rule="limit_high",
            priority="high",
            raised_at=NOW - timedelta(hours=9),
            cleared_at=NOW - timedelta(hours=1),
            message="",
        )
        query = {"points": "a.flow", **PERIOD}
        [mark] = somebody("viewer").get(reverse("api:telemetry-alarm-marks"), query).json()

        assert mark["cleared_ms"] - mark["raised_ms"] == 8 * 3_600_000
        assert mark["priority"] == "high"
