"""Pages, API, exports and live streams of telemetry, with real readings in a real store."""

from __future__ import annotations

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from huoshui.areas.telemetry import contracts, facade, keeping, models, queries, rules
from huoshui.areas.telemetry.tests.cast import NOON
from huoshui.areas.telemetry.web import api, charts, export, live
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import Post, PostHolding, User

pytestmark = pytest.mark.django_db

STEP_US = 300_000_000
WEEKS = 6
NOW = contracts.from_us(NOON)
POINTS = [
    contracts.PointDeclaration(
        "n1.pressure", "Pressure at n1", "n1 压力", "pressure", zone_code="A", limit_low=20.0,
        limit_high=60.0, expected_every_s=300,
    ),
    contracts.PointDeclaration(
        "p1.flow", "Flow in p1", "p1 流量", "flow", zone_code="A", expected_every_s=300
    ),
]  # fmt: skip
PERIOD = {
    "from": (NOW - timedelta(days=1)).isoformat(),
    "until": NOW.isoformat(),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Remember the store that the first test filled, for the others to copy."""
    return {"folder": tmp_path_factory.mktemp("built") / "historian"}


@pytest.fixture
def city(home: Path, zone: object, built: dict[str, Any]) -> None:
    """Six weeks of readings of two points; the pressure is too low at the end, one is bad."""
    facade.declare_points(POINTS, by_id=None)
    ids = facade.point_ids()
    if built["folder"].exists() and built.get("ids") == ids:
        shutil.copytree(built["folder"], home)
        models.Alarm.objects.create(
            point_id=ids["n1.pressure"],
            rule="limit_low",
            priority="high",
            raised_at=NOW,
            message=rules.MESSAGES["limit_low"],
            data={"value": 12.5, "threshold": 20.0, "unit": "m"},
        )
        return
    fill(ids)
    shutil.rmtree(built["folder"], ignore_errors=True)
    shutil.copytree(home, built["folder"])
    built["ids"] = ids


def fill(ids: dict[str, int]) -> None:
    at_us = NOON - np.arange(WEEKS * 7 * 288, dtype=np.int64)[::-1] * STEP_US
    hour = (at_us // 3_600_000_000) % 24
    with_bad = np.zeros(len(at_us), np.uint8)
    with_bad[-100] = contracts.Quality.BAD
    pressure = 40.0 - hour / 2
    pressure[-1] = 12.5
    historian = keeping.open_historian()
    try:
        for code, value, quality in (
            ("n1.pressure", pressure, with_bad),
            ("p1.flow", 50.0 + hour, np.zeros(len(at_us), np.uint8)),
        ):
            number = np.full(len(at_us), ids[code], np.int32)
            historian.accept(contracts.Batch("test", number, at_us, value, quality))
        historian.write_latest()
        keeping.keep_alarms(historian)
        historian.flush()
        historian.upkeep()
    finally:
        historian.close()


@pytest.fixture
def signed_in() -> Callable[..., Client]:
    """Return a browser signed in as somebody who holds one post."""

    def make(post: str, language: str = "en") -> Client:
        user = User.objects.create(
            username=f"{post}-{language}", name="王工", language=language, created_at=NOW
        )
        PostHolding.objects.create(
            user=user, post=Post.objects.get(code=post), from_at=NOW - timedelta(days=1)
        )
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


PAGES = (
    "/telemetry/points/",
    "/telemetry/points/n1.pressure/",
    "/telemetry/trends/?points=n1.pressure,p1.flow",
    "/telemetry/alarms/",
    "/telemetry/sources/",
    "/api/v1/telemetry/points",
    "/api/v1/telemetry/latest",
    "/api/v1/telemetry/alarms",
    "/api/v1/telemetry/map/pressure.geojson",
)


@pytest.mark.usefixtures("city")
class TestPages:
    @pytest.mark.parametrize("url", PAGES)
    def test_are_open_to_every_post_and_to_nobody_else(self, signed_in, client, url):
        assert signed_in("viewer").get(url).status_code == 200
        assert client.get(url).status_code in (302, 401)

    def test_list_points_with_newest_value_quality_and_alarm(self, signed_in):
        page = signed_in("viewer").get("/telemetry/points/").content.decode()

        assert "Pressure at n1" in page
        assert ">12.50<" in page
        assert "Not acknowledged" in page

    def test_speak_chinese(self, signed_in):
        page = signed_in("viewer", "zh-hans").get("/telemetry/points/").content.decode()

        assert "n1 压力" in page
        assert "未确认" in page

    def test_refuse_an_unknown_point_by_name(self, signed_in):
        answer = signed_in("viewer").get("/telemetry/points/ghost.flow/")

        assert answer.status_code == 404
        assert "ghost.flow" in answer.content.decode()

    def test_export_the_list_with_units(self, signed_in):
        answer = signed_in("viewer").get("/telemetry/points/?format=xlsx")
        book = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))

        assert "span" not in book.read("xl/worksheets/sheet1.xml").decode()
        assert "12.5" in book.read("xl/worksheets/sheet1.xml").decode()


@pytest.mark.usefixtures("city")
class TestCharts:
    def get(self, client: Client, name: str, **query: object) -> object:
        answer = client.get(reverse(f"api:{name}"), {**PERIOD, **query})
        assert answer.status_code == 200, answer.content
        return json.loads(answer.content)

    def test_send_columns_with_limits_and_bad_stretches(self, signed_in):
        found = self.get(signed_in("viewer"), "telemetry-chart", points="n1.pressure,p1.flow")
        pressure = found["series"][0]

        assert [line["code"] for line in found["series"]] == ["n1.pressure", "p1.flow"]
        assert len(pressure["value"]) == len(pressure["step_ms"]) + 1 == 288
        assert pressure["limits"]["low"] == 20.0
        assert [run[2] for run in pressure["runs"]] == [contracts.Quality.BAD]

    def test_expect_what_the_same_hour_was_in_the_weeks_before(self, signed_in):
        found = self.get(signed_in("viewer"), "telemetry-band", points="p1.flow")

        # 50 m³/h and one more for each hour of the UTC day, every day alike.
        assert found["middle"] == [50.0 + (12 + i) % 24 for i in range(24)]
        assert found["low"] == found["high"] == found["middle"]

    def test_open_the_expected_number(self, signed_in):
        answer = signed_in("viewer").get(
            reverse("api:telemetry-band-inputs"), {"point": "p1.flow", "at": NOW.isoformat()}
        )

        assert [one["value"] for one in answer.json()] == [None, None, *[62.0] * 6]
        assert answer.json()[-1]["at"] == (NOW - timedelta(weeks=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def test_mark_alarms(self, signed_in):
        found = self.get(
            signed_in("viewer"),
            "telemetry-alarm-marks",
            points="n1.pressure",
            until=(NOW + timedelta(hours=1)).isoformat(),
        )

        assert [one["label"] for one in found] == ["Below the lower limit"]

    @pytest.mark.parametrize(
        ("query", "code"),
        [
            ({"points": "ghost"}, "telemetry.no_such_point"),
            ({"points": ",".join(f"p{i}" for i in range(17))}, "telemetry.asked_too_much"),
            ({"points": "p1.flow", "until": PERIOD["from"]}, "telemetry.asked_too_much"),
            (
                {"points": "p1.flow", "from": "0001-01-01T00:00:00+08:00"},
                "telemetry.asked_too_much",
            ),
            ({"points": "p1.flow", "until": "9999-12-31T23:00:00Z"}, "telemetry.asked_too_much"),
            ({"points": ""}, "telemetry.no_point_named"),
        ],
    )
    def test_refuse_by_code(self, signed_in, query, code):
        client = signed_in("viewer")
        for name in ("chart", "readings", "band"):
            answer = client.get(reverse(f"api:telemetry-{name}"), {**PERIOD, **query})

            assert answer.status_code in (404, 422)
            assert answer.json()["code"] == code

    @pytest.mark.parametrize(
        ("name", "query"),
        [
            ("alarm-marks", {"points": "p1.flow", "from": "0001-01-01T00:00:00+08:00"}),
            ("band-inputs", {"point": "p1.flow", "at": "0001-01-01T00:00:00Z"}),
            ("alarms", {"offset": "1" + "0" * 24}),
        ],
    )
    def test_refuse_what_no_calendar_holds(self, signed_in, name, query):
        answer = signed_in("viewer").get(reverse(f"api:telemetry-{name}"), {**PERIOD, **query})

        assert answer.status_code == 422

    @pytest.mark.parametrize("step_s", [{}, {"step_s": 3600}])
    def test_refuse_more_readings_than_fit_before_reading_them(
        self, signed_in, monkeypatch, step_s
    ):
        monkeypatch.setattr(api, "READINGS_MAX", 100)
        monkeypatch.setattr(api, "STEPPED_MAX", 200)
        monkeypatch.setattr(queries, "readings", lambda *_args, **_options: 1 // 0)
        query = {**PERIOD, "points": "n1.pressure", **step_s}
        answer = signed_in("viewer").get(reverse("api:telemetry-readings"), query)

        assert answer.json()["code"] == "telemetry.asked_too_much"

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_refuse_to_export_nothing_and_too_much(self, signed_in, monkeypatch, form):
        monkeypatch.setattr(export, "ROWS_MAX", 100)
        client, url = signed_in("viewer"), reverse("telemetry:export")
        for points in ("", "n1.pressure"):
            query = {**PERIOD, "points": points, "format": form}

            assert client.get(url, query).status_code == 422

    def test_export_a_name_that_looks_like_a_formula_as_text(self):
        assert export.harmless("=HYPERLINK(1)") == "'=HYPERLINK(1)"
        assert export.harmless("n1 压力 [m]") == "n1 压力 [m]"

    def test_keep_the_longest_of_very_many_bad_stretches(self):
        at_ms = np.arange(2_000, dtype=np.int64)
        quality = np.tile(np.array([0, 3], np.uint8), 1_000)

        assert len(charts.quality_runs(at_ms, quality)) == charts.RUNS_MAX

    def test_export_as_csv_in_the_reader_s_words(self, signed_in):
        client = signed_in("viewer", "zh-hans")
        query = {**PERIOD, "points": "n1.pressure,p1.flow", "format": "csv"}
        answer = client.get(reverse("telemetry:export"), query)
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

        assert lines[0] == "时刻,n1 压力 [m],数据质量,p1 流量 [m³/h],数据质量"
        assert lines[1] == "2026-02-28 20:00:00+08:00,34.00,良好,62.00,良好"
        assert len(lines) == 289

    def test_export_long_periods_by_the_hour(self, signed_in):
        early = (NOW - timedelta(days=30)).isoformat()
        query = {**PERIOD, "from": early, "points": "p1.flow", "format": "csv"}
        answer = signed_in("viewer").get(reverse("telemetry:export"), query)
        lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()

        assert lines[1].endswith("62.00,62.00,62.00")
        assert len(lines) == 30 * 24 + 1

    def test_refuse_to_export_a_period_without_zone(self, signed_in):
        query = {"points": "p1.flow", "from": "2026-02-01", "until": "2026-03-01T00:00:00Z"}
        answer = signed_in("viewer").get(reverse("telemetry:export"), query)

        assert answer.status_code == 422


@pytest.mark.usefixtures("city")
class TestAcknowledging:
    def test_needs_the_permission(self, signed_in):
        alarm = models.Alarm.objects.get()
        url = reverse("telemetry:acknowledge", args=[alarm.pk])

        assert signed_in("viewer").post(url).status_code == 403
        assert "Acknowledge<" not in signed_in("crew").get("/telemetry/alarms/").content.decode()

    def test_by_the_page_goes_back_to_the_list(self, signed_in):
        alarm = models.Alarm.objects.get()
        client = signed_in("dispatcher")
        answer = client.post(
            reverse("telemetry:acknowledge", args=[alarm.pk]),
            {"next": "/telemetry/alarms/?state=active"},
        )

        assert answer["Location"] == "/telemetry/alarms/?state=active"
        assert models.Alarm.objects.get().acknowledged_by.username == "dispatcher-en"
        page = client.get("/telemetry/alarms/?state=acknowledged").content.decode()
        assert "Pressure at n1" in page

    def test_never_leads_to_another_site(self, signed_in):
        alarm = models.Alarm.objects.get()
        url = reverse("telemetry:acknowledge", args=[alarm.pk])
        answer = signed_in("dispatcher").post(url, {"next": "https://example.org/"})

        assert answer["Location"] == "/telemetry/alarms/"

    def test_by_the_api_twice_is_refused_by_code(self, signed_in):
        url = reverse("api:telemetry-acknowledge", args=[models.Alarm.objects.get().pk])
        client = signed_in("dispatcher")

        assert client.post(url).json()["state"] == "acknowledged"
        assert client.post(url).json()["code"] == "telemetry.alarm_already_acknowledged"


@pytest.mark.usefixtures("city")
class TestLive:
    def test_values_begin_with_all_and_go_on_with_what_changed(self):
        cursor, items = live.values(None)

        assert {item["key"]: item["value"] for item in items} == {
            "n1.pressure": 12.5,
            "p1.flow": 62,
        }
        assert [item["alarm"] for item in sorted(items, key=lambda one: one["key"])] == [
            True,
            False,
        ]
        assert live.values(cursor) == (cursor, [])

    def test_alarms_begin_with_the_standing_and_tell_when_one_is_acknowledged(self, person):
        cursor, items = live.alarms(None)
        assert [(item["state"], item["waiting"]) for item in items] == [("active", 1)]
        assert "下限" in items[0]["message"]["zh"]

        facade.acknowledge_alarm(items[0]["id"], person.id)
        cursor, items = live.alarms(cursor)
        assert [(item["state"], item["waiting"]) for item in items] == [("acknowledged", 0)]
        assert live.alarms(cursor) == (cursor, [])

    def test_alarms_tell_of_each_that_clears_at_a_moment_long_past(self):
        """Readings come late, and those of many points carry the same moment."""
        long_past = contracts.from_us(NOON) - timedelta(days=1)
        for code in ("leakage.one", "leakage.two"):
            facade.raise_deviation(code=code, message="-", at=long_past, zone_code="A")
        cursor, items = live.alarms(None)
        assert len(items) == 3

        told = []
        for code in ("leakage.one", "leakage.two"):
            facade.clear_deviation(code=code, at=long_past, zone_code="A")
            cursor, items = live.alarms(cursor)
            told.append([(item["state"], item["waiting"]) for item in items])

        assert told == [[("cleared", 2)], [("cleared", 1)]]
        assert live.alarms(cursor) == (cursor, [])


class TestHealth:
    def test_report_is_kept_and_read_back(self, tmp_path, monkeypatch):
        from huoshui.areas.telemetry import connector_health

        monkeypatch.setattr(connector_health, "_folder", lambda: tmp_path)
        now = clock.real_now()
        health = contracts.ConnectorHealth(
            name="mqtt", address="127.0.0.1:1", state="connected", state_since=now, note="",
            started_at=now, reported_at=now, latest_message_at=None, messages=1, messages_again=0,
            messages_refused=0, messages_waiting=0, readings_accepted=2, readings_refused=0,
            messages_per_s=1.0, readings_per_s=2.0, commits=1, store_failures=0,
            problems=(contracts.ConnectorProblem("payload.not_json", "x", "y", 3, now),),
        )  # fmt: skip
        facade.report_connector(health)
        (tmp_path / "older.json").write_text('{"name": "older"}')

        assert connector_health.reports() == [health]
