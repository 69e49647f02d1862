"""Changing points, one and many, as people of different posts meet it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from huoshui.areas.telemetry import actions, contracts, facade, models, queries, refusals, retention
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.audit.models import AuditRecord

CODES = ("a.flow", "a.pressure", "b.pressure")


@pytest.fixture
def points(home: Path, zone: object) -> None:
    facade.declare_points(
        [
            contracts.PointDeclaration(
                code,
                code,
                code,
                code.split(".")[1],
                range_min=0.0,
                limit_high=60.0,
                range_max=100.0,
            )
            for code in CODES
        ],
        None,
    )


def signed_in(client: Client, post: str) -> Client:
    user, _password = accounts.add_user(post, post, posts=(post,))
    client.force_login(user)
    return client


def row(code: str) -> models.Point:
    return models.Point.objects.get(code=code)


def form_of(code: str, **given: object) -> dict[str, object]:
    """What the page's form sends back, as the browser would."""
    return {
        "name_zh": "甲",
        "name_en": "A",
        "range_min": "0",
        "range_max": "100",
        "seen_at": row(code).changed_at.isoformat(),
        **given,
    }


def records() -> list[AuditRecord]:
    return list(AuditRecord.objects.filter(action="telemetry.points_changed"))


@pytest.mark.usefixtures("points")
class TestOnePoint:
    def test_is_changed_and_recorded_with_what_was_before(self, client: Client) -> None:
        signed_in(client, "dispatcher")
        page = client.get("/telemetry/point-settings/a.pressure/")
        assert page.status_code == 200
        assert row("a.pressure").changed_at.isoformat() in page.content.decode()

        sent = form_of(
            "a.pressure", zone_id="A", expected_every_s="300", flat_after_h="1.5", spike_min="0"
        )
        answer = client.post("/telemetry/point-settings/a.pressure/", sent)

        assert answer["Location"] == "/telemetry/points/a.pressure/"
        changed = row("a.pressure")
        assert (changed.name_zh, changed.zone_id, changed.expected_every_s) == ("甲", "A", 300)
        assert (changed.flat_after_s, changed.spike_min, changed.limit_high) == (5400, 0.0, 60.0)
        [record] = records()
        assert record.subject == "point:a.pressure"
        assert record.detail["before"]["expected_every_s"] is None
        assert record.detail["after"]["expected_every_s"] == 300
        assert "range_max" not in record.detail["after"]
        watched = {one.id: one for one in queries.watched_points()[1]}[changed.pk]
        assert watched.flat_after_us == 5_400_000_000
        assert watched.spike_min != watched.spike_min  # NaN: not checked
        shown = client.get("/telemetry/points/a.pressure/").content.decode()
        assert "/telemetry/point-settings/a.pressure/" in shown

    @pytest.mark.parametrize(
        "wrong",
        [
            {"range_max": "50"},  # below the limit of 60
            {"zone_id": "nowhere"},
            {"asset_id": "nowhere"},
            {"name_en": ""},
            {"flat_band": "-1"},
            {"rate_max_per_s": "0"},
        ],
    )
    def test_is_refused_with_what_was_typed(self, client: Client, wrong: dict[str, str]) -> None:
        signed_in(client, "dispatcher")

        answer = client.post(
            "/telemetry/point-settings/a.pressure/", form_of("a.pressure", **wrong)
        )

        assert answer.status_code == 422
        assert 'value="甲"' in answer.content.decode()
        assert row("a.pressure").name_zh == "a.pressure"
        assert not records()

    def test_is_not_changed_over_somebody_elses_change(self, client: Client) -> None:
        signed_in(client, "dispatcher")
        seen = form_of("a.pressure")
        actions.change_points(["a.pressure"], {"expected_every_s": 60}, 1)

        assert client.post("/telemetry/point-settings/a.pressure/", seen).status_code == 409

        assert row("a.pressure").expected_every_s == 60

    def test_is_left_to_those_who_may(self, client: Client) -> None:
        signed_in(client, "crew")

        assert client.get("/telemetry/point-settings/a.flow/").status_code == 403
        assert (
            client.post("/telemetry/point-settings/a.flow/", form_of("a.flow")).status_code == 403
        )
        assert client.get("/telemetry/point-settings/").status_code == 403
        shown = client.get("/telemetry/points/a.flow/").content.decode()
        assert "point-settings" not in shown

    def test_gets_another_class_only_from_who_may_delete(self, client: Client) -> None:
        meters = models.RetentionClass.objects.get(code="meters")
        signed_in(client, "dispatcher")
        sent = form_of("a.flow", retention_id=str(meters.pk))
        client.post("/telemetry/point-settings/a.flow/", sent)
        assert row("a.flow").retention_id is None

        signed_in(client, "manager")
        sent = form_of("a.flow", retention_id=str(meters.pk))
        client.post("/telemetry/point-settings/a.flow/", sent)

        assert retention.points_by_class()["meters"] == [row("a.flow").pk]
        assert records()[-1].detail["after"] == {"retention": "meters"}


@pytest.mark.usefixtures("points")
class TestManyPoints:
    def choose(self, client: Client, *codes: str) -> None:
        chosen = client.post(
            "/telemetry/points/", {"bulk": "change", "id": [str(row(code).pk) for code in codes]}
        )
        assert chosen.status_code == 302
        assert "/telemetry/point-settings/" in client.get("/telemetry/points/").content.decode()

    def test_are_changed_alike_in_one_record(self, client: Client) -> None:
        signed_in(client, "manager")
        self.choose(client, "a.flow", "a.pressure")
        meters = models.RetentionClass.objects.get(code="meters")

        answer = client.post(
            "/telemetry/point-settings/",
            {"expected_every_s": "900", "checks": "off", "retention_id": str(meters.pk)},
        )

        assert answer["Location"] == "/telemetry/points/"
        for code in ("a.flow", "a.pressure"):
            changed = row(code)
            assert (changed.expected_every_s, changed.flat_after_s) == (900, 0)
            assert (changed.spike_min, changed.retention_id) == (0.0, meters.pk)
        assert row("b.pressure").expected_every_s is None
        [record] = records()
        assert record.detail["changed"] == ["a.flow", "a.pressure"]
        # The choice is spent: sending it again changes nothing by mistake.
        again = {"expected_every_s": "60", "checks": "leave", "retention_id": "leave"}
        assert client.post("/telemetry/point-settings/", again).status_code != 302
        assert row("a.flow").expected_every_s == 900

    def test_of_several_kinds_take_no_number_in_a_unit(self, client: Client) -> None:
        signed_in(client, "manager")
        sent = {"checks": "given", "spike_min": "3", "retention_id": "leave"}
        self.choose(client, "a.flow", "a.pressure")
        assert client.post("/telemetry/point-settings/", sent).status_code == 422
        assert row("a.pressure").spike_min is None

        self.choose(client, "a.pressure", "b.pressure")
        assert client.post("/telemetry/point-settings/", sent).status_code == 302

        assert row("b.pressure").spike_min == 3.0

    @pytest.mark.parametrize(
        "wrong",
        [
            {},
            {"checks": "given"},
            {"checks": "leave", "flat_after_h": "2"},
            {"expected_every_s": "0"},
        ],
    )
    def test_are_left_alone_when_the_form_does_not_say_what(
        self, client: Client, wrong: dict[str, str]
    ) -> None:
        signed_in(client, "manager")
        self.choose(client, "a.flow")

        sent = {"checks": "leave", "retention_id": "leave", **wrong}
        assert client.post("/telemetry/point-settings/", sent).status_code == 422

        assert not records()

    def test_are_all_left_when_one_is_unknown(self) -> None:
        with pytest.raises(refusals.NoSuchPoint):
            actions.change_points(["a.flow", "nobody"], {"expected_every_s": 60}, 1)

        assert row("a.flow").expected_every_s is None


@pytest.mark.usefixtures("points")
def test_calculated_points_have_a_class_of_their_own() -> None:
    point = row("b.pressure")
    models.CalculatedPoint.objects.create(
        point=point, expression="[a.pressure]", changed_at=point.changed_at
    )

    found = retention.points_by_class()

    assert found["calculated"] == [row("b.pressure").pk]
    assert row("b.pressure").pk not in found["process"]
