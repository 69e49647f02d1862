"""The control room's pages: what they show, who may do what, and what the address says."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.test import Client
from django.urls import reverse

from huoshui.areas.telemetry import actions, contracts, facade, models
from huoshui.areas.telemetry.store.journal import Transition
from huoshui.areas.telemetry.tests.cast import MINUTE, NOON
from huoshui.areas.telemetry.tests.test_rules import RULE
from huoshui.areas.telemetry.web import alarm_kpi
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import Post, PostHolding
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db
NOW = contracts.from_us(NOON)

PAGES = (
    "/telemetry/alarms/",
    "/telemetry/alarms/?state=all",
    "/telemetry/alarms/?group=1",
    "/telemetry/alarms/?format=xlsx",
    "/telemetry/alarms/history/",
    "/telemetry/alarms/history/?format=xlsx",
    "/telemetry/alarms/shelved/",
    "/telemetry/alarms/figures/",
    "/telemetry/alarms/figures/?at_from=2026-02-20&at_to=2026-03-01&operators=2",
    "/telemetry/alarms/figures/?format=xlsx",
    "/telemetry/rules/",
    "/telemetry/rules/low/",
    "/telemetry/rules/low/try/?days=1",
    "/telemetry/rules/changes/",
    "/telemetry/formulas/",
    "/telemetry/rules/export.toml",
    "/telemetry/rules/export.xlsx",
    "/api/v1/telemetry/alarms/map.geojson",
    "/api/v1/telemetry/alarms/spans?points=n1.pressure&from=2026-03-01T00:00:00Z"
    "&until=2026-03-02T00:00:00Z",
)


@pytest.fixture
def sign_in(home: object) -> Callable[..., Client]:
    """Return a browser signed in as the holder of a post."""

    def make(post: str, language: str = "en") -> Client:
        user, _new = get_user_model().objects.get_or_create(
            username=f"{post}-{language}",
            defaults={"name": "王工", "language": language, "created_at": NOW},
        )
        PostHolding.objects.get_or_create(
            user=user,
            post=Post.objects.get(code=post),
            defaults={"from_at": NOW - timedelta(days=1)},
        )
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def room(home: object, person: Any) -> dict[str, models.Alarm]:
    """Return three alarms: two silent points folded into one group, and a low pressure."""
    facade.declare_points(
        [
            contracts.PointDeclaration(f"n{n}.pressure", f"At n{n}", f"n{n} 压力", "pressure")
            for n in (1, 2, 3)
        ],
        by_id=None,
    )
    ids = facade.point_ids()
    actions.save_rule(RULE, person.id)
    actions.apply_transitions(
        [
            Transition(ids["n1.pressure"], "limit_low", True, NOON - MINUTE, 18.0, 25.0, id=1),
            Transition(ids["n2.pressure"], "no_data", True, NOON, None, 900.0, id=2),
            Transition(ids["n3.pressure"], "no_data", True, NOON, None, 900.0, id=3),
        ]
    )
    actions.tend_alarms({}.__getitem__)
    rows = models.Alarm.objects.select_related("point")
    return {row.subject: row for row in rows}


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


@pytest.mark.usefixtures("room")
class TestPages:
    @pytest.mark.parametrize("url", PAGES)
    def test_are_open_to_readers_and_to_nobody_else(self, sign_in, client, url: str) -> None:
        answer = sign_in("viewer").get(url)
        answer.close()
        assert answer.status_code == 200
        assert client.get(url).status_code in {302, 401}

    def test_show_names_signs_and_one_row_for_a_group(self, sign_in) -> None:
        text = page(sign_in("viewer"), "/telemetry/alarms/")

        assert "At n1" in text
        assert "▲" in text
        assert "No data from 2 points" in text
        assert "At n3" not in text
        assert "At n3" in page(
            sign_in("viewer"),
            f"/telemetry/alarms/?group={models.AlarmGroup.objects.get().pk}",
        )

    def test_speak_chinese(self, sign_in) -> None:
        text = page(sign_in("viewer", "zh-hans"), "/telemetry/alarms/")

        assert "n1 压力" in text
        assert "2 个测点数据中断" in text

    def test_export_every_alarm_with_its_code(self, sign_in) -> None:
        answer = sign_in("viewer").get("/telemetry/alarms/?format=xlsx")
        assert answer.status_code == 200
        with zipfile.ZipFile(BytesIO(b"".join(answer.streaming_content))) as book:
            text = book.read("xl/worksheets/sheet1.xml").decode()

        assert "n2.pressure" in text
        assert "n3.pressure" in text


class TestDeeds:
    def test_a_group_is_acknowledged_as_one(self, room, sign_in) -> None:
        group = models.AlarmGroup.objects.get()
        url = reverse("telemetry:acknowledge", args=[room["n2.pressure"].pk])
        sign_in("dispatcher").post(url, {"group": str(group.pk)})

        assert models.Alarm.objects.waiting().count() == 1

    def test_a_ticked_row_of_a_group_stands_for_all_of_it(self, room, sign_in) -> None:
        shown = models.Alarm.objects.filter(group__isnull=False).order_by("pk").first()
        answer = sign_in("dispatcher").post(
            "/telemetry/alarms/", {"bulk": "acknowledge", "id": [str(shown.pk)]}
        )

        assert answer.status_code in {200, 302}
        assert models.Alarm.objects.waiting().count() == 1

    def test_shelving_by_the_form_needs_a_reason(self, room, sign_in) -> None:
        client = sign_in("dispatcher")
        url = reverse("telemetry:shelve", args=[room["n1.pressure"].pk])
        assert client.post(url, {"duration_s": "3600", "reason": ""}).status_code == 422
        assert client.post(url, {"duration_s": "3600", "reason": "meter"}).status_code == 302
        row = models.Suppression.objects.get()

        assert (row.until - row.from_at, row.reason) == (timedelta(hours=1), "meter")
        assert "meter" in page(client, "/telemetry/alarms/shelved/")
        client.post(reverse("telemetry:unshelve", args=[row.pk]))
        assert models.Suppression.objects.get().ended_at is not None

    def test_muting_is_recorded_with_its_reason(self, room, sign_in) -> None:
        client = sign_in("dispatcher")
        assert client.post("/telemetry/alarms/mute/", {"minutes": "5"}).status_code == 422
        body = {"minutes": "15", "reason": "radio"}
        assert client.post("/telemetry/alarms/mute/", body).status_code == 204

        record = AuditRecord.objects.get(action="telemetry.sound_muted")
        assert record.detail == {"reason": "radio", "minutes": 15}

    # Who may not: the post, the address and what is sent.
    @pytest.mark.parametrize(
        ("post", "url", "body"),
        [
            ("viewer", "/telemetry/alarms/{n1}/shelve/", {"duration_s": "60", "reason": "x"}),
            ("crew", "/telemetry/alarms/{n1}/comment/", {"text": "x"}),
            ("crew", "/telemetry/alarms/mute/", {"reason": "x"}),
            ("crew_leader", "/telemetry/out-of-service/n1.pressure/", {"reason": "x"}),
            ("dispatcher", "/telemetry/rules/new/", {}),
            ("dispatcher", "/telemetry/rules/low/state/", {"state": "draft"}),
            ("viewer", "/telemetry/rules/limit/?rule=low", {"value": "26", "reason": "x"}),
            ("dispatcher", "/telemetry/rules/changes/1/decide/", {"approve": "yes"}),
            ("viewer", "/api/v1/telemetry/alarms/{n1}/shelve", {}),
        ],
    )
    def test_are_refused_to_who_may_not(
        self, room, sign_in, post: str, url: str, body: dict[str, str]
    ) -> None:
        answer = sign_in(post).post(url.format(n1=room["n1.pressure"].pk), body)

        assert answer.status_code == 403
        assert models.Suppression.objects.count() == 0

    def test_shelving_by_the_api(self, room, sign_in) -> None:
        until = (NOW + timedelta(hours=2)).isoformat()
        answer = sign_in("dispatcher").post(
            f"/api/v1/telemetry/alarms/{room['n1.pressure'].pk}/shelve",
            json.dumps({"until": until, "reason": "meter"}),
            content_type="application/json",
        )

        assert answer.status_code == 200
        assert answer.json()[0]["kind"] == "shelved"


class TestRulePages:
    FORM = {
        "code": "fast", "name_zh": "快", "name_en": "Fast", "kind": "rate",
        "point_kind": "pressure", "threshold": "10", "window_s": "600", "dead_band": "0",
        "on_delay_s": "0",
        "off_delay_s": "0", "priority": "high",
    }  # fmt: skip

    def test_fold_what_most_rules_do_not_need(self, sign_in) -> None:
        """Empty, only the first section is open; what is filled in or wrong opens its own."""
        client = sign_in("manager")
        text = page(client, "/telemetry/rules/new/")
        assert text.count('<details class="hs-form-section">') == 5
        assert "<details open" not in text.replace(' class="hs-form-section"', "")
        answer = client.post("/telemetry/rules/new/", {**self.FORM, "dead_band": "-3"})
        assert answer.status_code == 422
        open_ = answer.content.decode().count('<details class="hs-form-section" open>')
        # Of a rate the window is filled in, and the dead band is wrong.
        assert open_ >= 2

    def test_says_until_when_it_is_silent(self, sign_in, room) -> None:
        client = sign_in("dispatcher")
        url = f"/telemetry/alarms/{room['n1.pressure'].pk}/shelve/"
        with clock.frozen(contracts.from_us(NOON)):
            # Noon in Greenwich is eight in the evening of the city.
            assert re.search(r"1 hour, until [^<]*21:00", page(client, url))

    def test_a_new_rule_is_a_draft_and_is_put_to_work(self, room, sign_in) -> None:
        client = sign_in("leakage_engineer")
        assert client.post("/telemetry/rules/new/", self.FORM).status_code == 302
        assert models.AlarmRule.objects.get(code="fast").state == "draft"
        client.post("/telemetry/rules/fast/state/", {"state": "live"})

        assert models.AlarmRule.objects.get(code="fast").state == "live"

    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, room, sign_in) -> None:
        answer = sign_in("leakage_engineer").post(
            "/telemetry/rules/new/", {**self.FORM, "window_s": "", "point": "nowhere"}
        )

        text = answer.content.decode()
        assert answer.status_code == 422
        assert "is not declared here: nowhere" in text
        assert 'value="Fast"' in text

    def test_an_emptied_field_is_empty(self, room, sign_in) -> None:
        client = sign_in("leakage_engineer")
        client.post("/telemetry/rules/new/", {**self.FORM, "message_en": "Fast!"})
        client.post("/telemetry/rules/fast/edit/", self.FORM)

        assert models.AlarmRule.objects.get(code="fast").message_en == ""

    def test_a_change_beyond_the_range_is_decided_by_another(self, room, sign_in) -> None:
        client = sign_in("dispatcher")
        url = "/telemetry/rules/limit/?rule=low"
        client.post(url, {"value": "40", "reason": "summer"})
        change = models.LimitChange.objects.get()
        assert change.state == "waiting"
        manager = sign_in("manager")
        assert "Approve" in page(manager, "/telemetry/rules/changes/")
        manager.post(f"/telemetry/rules/changes/{change.pk}/decide/", {"approve": "yes"})

        assert models.AlarmRule.objects.get(code="low").threshold == 40.0


class TestPointPage:
    def test_leads_to_the_change_of_a_limit_who_may_ask_for_one(self, room, sign_in) -> None:
        link = "/telemetry/rules/limit/?point=n1.pressure&amp;side=limit_low"

        assert link in page(sign_in("dispatcher"), "/telemetry/points/n1.pressure/")
        assert link not in page(sign_in("viewer"), "/telemetry/points/n1.pressure/")
        answer = sign_in("dispatcher").post(
            "/telemetry/rules/limit/?point=n1.pressure&side=limit_low",
            {"value": "22", "reason": "summer"},
        )
        assert answer.status_code == 302
        assert facade.point("n1.pressure").limit_low == 22.0


class TestFormulas:
    FORM = {
        "code": "n1.drop", "expression": "{n1.pressure} - {n2.pressure}", "name_zh": "压差",
        "name_en": "Drop", "kind": "pressure",
    }  # fmt: skip

    def test_make_the_point_they_are_for(self, room, sign_in) -> None:
        client = sign_in("leakage_engineer")
        assert client.post("/telemetry/formulas/set/", self.FORM).status_code == 302
        assert "{n1.pressure} - {n2.pressure}" in page(client, "/telemetry/formulas/")
        assert facade.point("n1.drop").unit == "m"

    def test_that_cannot_be_used_leave_no_point(self, room, sign_in) -> None:
        answer = sign_in("leakage_engineer").post(
            "/telemetry/formulas/set/", {**self.FORM, "expression": "{nowhere} + 1"}
        )

        assert answer.status_code == 422
        assert "there is no measured point nowhere" in answer.content.decode()
        assert not models.Point.objects.filter(code="n1.drop").exists()

    def test_are_not_for_everybody(self, room, sign_in) -> None:
        assert sign_in("crew").post("/telemetry/formulas/set/", self.FORM).status_code == 403


def test_figures_leave_out_the_hours_to_come(rf) -> None:
    """Asked for the first of March at noon of the city's clock, which is eight hours ahead."""
    request = rf.get("/", {"at_from": "2026-03-01", "at_to": "2026-03-01"})
    with clock.frozen(NOW):
        from_at, until = alarm_kpi._period(request)

    assert (until, until - from_at) == (NOW, timedelta(hours=20))
