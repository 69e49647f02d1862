"""Sources: set up by form, followed by health, and codes adopted with what was kept of them."""

from __future__ import annotations

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client

from huoshui.areas.telemetry import (
    connector_health,
    contracts,
    models,
    naming,
    queries,
    source_actions,
    sources,
)
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.unadopted import ROW_BYTES, Unadopted
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import Post, PostHolding, User
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.pages.kit import undoing

MODBUS = {
    "code": "plc-1",
    "title": "Pump house",
    "option_host": "192.0.2.1",
    "option_port": "502",
    "option_device": "1",
    "option_timeout_s": "3",
    "option_registers": "p1.flow, holding, 0, float32",
}
MQTT = {
    "code": "gateway",
    "title": "Gateway",
    "option_host": "192.0.2.2",
    "option_port": "8883",
    "option_version": "5",
    "option_form": "plain",
    "option_username": "water",
    "option_password": "not-to-be-seen",
    "option_zone": "Asia/Shanghai",
}


@pytest.fixture
def signed_in(db: None) -> Callable[..., Client]:
    """Return a browser signed in as somebody who holds one post."""

    def make(post: str, language: str = "en") -> Client:
        now = clock.now()
        user = User.objects.create(
            username=f"{post}-{language}", name="王工", language=language, created_at=now
        )
        PostHolding.objects.create(
            user=user, post=Post.objects.get(code=post), from_at=now - timedelta(days=1)
        )
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture(autouse=True)
def _secrets_of_the_test(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "secret_folder", lambda code: tmp_path / "secrets" / code)
    monkeypatch.setattr(connector_health, "_folder", lambda: tmp_path / "reports")


def health(code: str, **changes: Any) -> contracts.ConnectorHealth:
    now = clock.real_now()
    facts: dict[str, Any] = {
        "name": code, "address": "192.0.2.1:502", "state": "connected", "state_since": now,
        "note": "", "started_at": now, "reported_at": now, "latest_message_at": now,
        "messages": 1, "messages_again": 0, "messages_refused": 0, "messages_waiting": 0,
        "readings_accepted": 2, "readings_refused": 0, "messages_per_s": 1.0,
        "readings_per_s": 2.0, "commits": 1, "store_failures": 0, "problems": (),
    }  # fmt: skip
    return contracts.ConnectorHealth(**{**facts, **changes})


class TestSettingUp:
    def test_makes_a_source_by_the_connectors_own_form(self, signed_in):
        answer = signed_in("manager").post("/telemetry/sources/add/modbus/", MODBUS)

        assert (answer.status_code, answer["Location"]) == (302, "/telemetry/sources/plc-1/")
        made = sources.source("plc-1")
        assert made is not None
        assert (made.title, made.options["port"], made.is_enabled) == ("Pump house", 502, True)
        assert AuditRecord.objects.filter(action="telemetry.source_added").count() == 1

    def test_keeps_secrets_in_files_of_the_owner_and_nowhere_else(self, signed_in, tmp_path):
        browser = signed_in("manager")
        browser.post("/telemetry/sources/add/mqtt/", MQTT)

        kept = tmp_path / "secrets" / "gateway" / "password"
        assert kept.read_text() == "not-to-be-seen"
        assert stat.S_IMODE(kept.stat().st_mode) == 0o600
        assert "not-to-be-seen" not in str(models.Source.objects.get().options)
        assert "not-to-be-seen" not in str(list(AuditRecord.objects.values_list("detail")))
        for page in ("/telemetry/sources/gateway/", "/telemetry/sources/gateway/edit/"):
            assert b"not-to-be-seen" not in browser.get(page).content

    def test_keeps_a_secret_that_is_not_typed_again(self, signed_in):
        browser = signed_in("manager")
        browser.post("/telemetry/sources/add/mqtt/", MQTT)
        changed = {**MQTT, "title": "Other", "option_password": ""}
        answer = browser.post("/telemetry/sources/gateway/edit/", changed)

        assert answer.status_code == 302
        found = sources.source("gateway", with_secrets=True)
        assert found is not None
        assert (found.title, found.secrets) == ("Other", {"password": "not-to-be-seen"})

    @pytest.mark.parametrize(
        ("option", "value"),
        [("host", "192.0.2.66"), ("port", "1883"), ("username", "other"), ("tls", "on")],
    )
    def test_forgets_what_was_kept_when_the_source_leads_elsewhere(self, signed_in, option, value):
        browser = signed_in("manager")
        browser.post("/telemetry/sources/add/mqtt/", MQTT)
        changed = {**MQTT, "option_password": "", f"option_{option}": value}
        answer = browser.post("/telemetry/sources/gateway/edit/", changed, follow=True)

        assert answer.redirect_chain[-1][0] == "/telemetry/sources/gateway/edit/"
        assert "Password. Type it again." in answer.content.decode()
        assert sources.secrets_of("gateway") == {}
        record = AuditRecord.objects.filter(action="telemetry.source_changed").latest("pk")
        assert record.detail["secrets_dropped"] == ["password"]

    def test_keeps_the_new_secret_of_the_new_place(self, signed_in):
        browser = signed_in("manager")
        browser.post("/telemetry/sources/add/mqtt/", MQTT)
        changed = {**MQTT, "option_password": "another", "option_host": "192.0.2.66"}
        browser.post("/telemetry/sources/gateway/edit/", changed)

        assert sources.secrets_of("gateway") == {"password": "another"}

    def test_names_the_line_of_a_map_that_is_wrong_in_the_readers_language(self, signed_in):
        wrong = {**MODBUS, "option_registers": "a, holding, 1\nb, holding, x"}
        answer = signed_in("manager", "zh-hans").post("/telemetry/sources/add/modbus/", wrong)

        assert answer.status_code == 422
        assert "地址应在 0 至 65535 之间" in answer.content.decode()
        assert not models.Source.objects.exists()

    @pytest.mark.parametrize("code", ["../x", "A", "", "mqtt x", "a" * 41])
    def test_refuses_a_code_that_could_lead_astray(self, signed_in, code):
        answer = signed_in("manager").post(
            "/telemetry/sources/add/modbus/", {**MODBUS, "code": code}
        )

        assert answer.status_code == 422

    @pytest.mark.parametrize(
        "path",
        ["add/", "add/modbus/", "plc-1/edit/", "plc-1/pause/", "plc-1/remove/", "plc-1/check/"],
    )
    def test_needs_the_permission(self, signed_in, path):
        signed_in("manager").post("/telemetry/sources/add/modbus/", MODBUS)

        assert signed_in("dispatcher").post(f"/telemetry/sources/{path}").status_code == 403

    def test_pauses_resumes_and_removes(self, signed_in, tmp_path):
        browser = signed_in("manager")
        browser.post("/telemetry/sources/add/mqtt/", MQTT)
        before = models.Source.objects.get().changed_at

        answer = browser.post("/telemetry/sources/gateway/pause/", follow=True)
        (way_back,) = filter(None, map(undoing.undo_url, answer.context["messages"]))
        paused = models.Source.objects.get()
        assert not paused.is_enabled
        assert paused.changed_at > before
        browser.post(way_back)
        assert models.Source.objects.get().is_enabled
        browser.post("/telemetry/sources/gateway/pause/")
        browser.post("/telemetry/sources/gateway/pause/", {"resume": "1"})
        assert models.Source.objects.get().is_enabled
        browser.post("/telemetry/sources/gateway/remove/")
        assert not models.Source.objects.exists()
        assert not (tmp_path / "secrets" / "gateway").exists()

    def test_shows_every_kind_of_connection_that_can_be_set_up(self, signed_in):
        browser = signed_in("manager")
        page = browser.get("/telemetry/sources/add/").content.decode()

        for manifest in sources.connectors().values():
            assert manifest.facts["title"]["en"] in page
            assert browser.get(f"/telemetry/sources/add/{manifest.name}/").status_code == 200


class TestShowing:
    def test_lists_the_broker_of_the_settings_and_what_was_set_up(self, signed_in):
        browser = signed_in("manager")
        browser.post("/telemetry/sources/add/modbus/", MODBUS)
        connector_health.keep(health("plc-1", note="modbus.no_answer", state="disconnected"))
        page = browser.get("/telemetry/sources/").content.decode()

        assert "MQTT" in page
        assert "Pump house" in page
        assert "The device does not answer." in page

    def test_says_on_the_page_of_a_source_what_to_do(self, signed_in):
        browser = signed_in("manager", "zh-hans")
        browser.post("/telemetry/sources/add/modbus/", MODBUS)
        problem = contracts.ConnectorProblem(
            "modbus.register_absent", "p1", "x", 3, clock.real_now()
        )
        connector_health.keep(
            health("plc-1", note="modbus.no_answer", state="disconnected", problems=(problem,))
        )
        page = browser.get("/telemetry/sources/plc-1/").content.decode()

        assert "设备没有应答。" in page
        assert "请检查设备地址、端口、供电以及网络。" in page
        assert "设备没有该寄存器。" in page
        assert "modbus." not in page

    def test_of_unknown_sources_is_refused(self, signed_in):
        assert signed_in("viewer").get("/telemetry/sources/ghost/").status_code == 404


class TestFindings:
    def make(self) -> None:
        now = clock.now()
        models.Source.objects.create(
            code="plc-1", title="PLC", connector="modbus", created_at=now, changed_at=now
        )

    def levels(self) -> list[tuple[str, str]]:
        return [(one.level, str(one.text)) for one in connector_health.findings()]

    def test_are_silent_about_what_works(self, db):
        self.make()
        connector_health.keep(health("plc-1", delay_s=2.0))

        assert self.levels() == []

    def test_name_what_does_not_answer_and_what_does_not_report(self, db):
        self.make()
        assert [level for level, _text in self.levels()] == ["failing"]
        connector_health.keep(health("plc-1", state="disconnected", note="modbus.no_answer"))

        assert [level for level, _text in self.levels()] == ["failing"]

    @pytest.mark.parametrize("delay_s", [-3600.0, 7200.0])
    def test_name_a_clock_that_is_wrong(self, db, delay_s):
        self.make()
        connector_health.keep(health("plc-1", delay_s=delay_s))

        assert [level for level, _text in self.levels()] == ["warning"]


def kept(code: str, *values: float, source: str = "plc-1") -> contracts.UnknownReadings:
    moments = [cast.NOON + n * cast.MINUTE for n in range(len(values))]
    return contracts.UnknownReadings(source, code, moments, values, [0] * len(values))


class TestUnadopted:
    def test_gives_back_what_it_kept_across_a_restart(self, tmp_path):
        first = Unadopted(tmp_path)
        first.keep([kept("a", 1.0, 2.0), kept("b", 5.0)])
        first.close()
        again = Unadopted(tmp_path)
        mark, (at_us, value, quality) = again.read("plc-1", "a")

        assert list(value) == [1.0, 2.0]
        assert list(at_us) == [cast.NOON, cast.NOON + cast.MINUTE]
        assert list(quality) == [0, 0]
        again.forget("plc-1", "a", mark)
        assert again.codes() == [("plc-1", "b")]
        again.close()

    def test_lets_the_oldest_go_when_it_is_full(self, tmp_path):
        one = Unadopted(tmp_path, bytes_max=10 * (ROW_BYTES + 17))
        for number in range(100):
            one.keep([kept("a", float(number))])
        _mark, (_at, value, _quality) = one.read("plc-1", "a")

        assert list(value) == [float(n) for n in range(90, 100)]
        one.close()

    def test_lets_go_what_is_too_old(self, tmp_path):
        now = [0.0]
        one = Unadopted(tmp_path, days_max=1, now_s=lambda: now[0])
        one.keep([kept("a", 1.0)])
        now[0] = 86_401.0
        one.keep([kept("a", 2.0)])

        assert list(one.read("plc-1", "a")[1][1]) == [2.0]
        one.close()


@pytest.mark.usefixtures("home")
class TestAdopting:
    def test_puts_what_was_kept_into_the_history_in_the_points_unit(self, person, home):
        historian = cast.historian(home, [])
        receiving = naming.open_receiving(historian)
        receiving.keep_unknown([kept("PT-1/Druck", 0.3, 0.4)])
        source_actions.adopt(
            [
                source_actions.Adoption(
                    "plc-1", "PT-1/Druck", "n1.pressure", "Node 1", "pressure", "MPa"
                )
            ],
            person.id,
        )
        historian.know(*queries.watched_points())
        moved = naming.NameFollower(receiving).step()
        historian.close()

        assert moved == 2
        found = queries.readings(
            ["n1.pressure"],
            contracts.from_us(cast.NOON),
            contracts.from_us(cast.NOON + cast.HOUR),
        )["n1.pressure"]
        # 0.3 MPa over 9806.65 Pa a metre.
        assert found.value == pytest.approx([0.3e6 / 9806.65, 0.4e6 / 9806.65])
        assert receiving.unadopted.codes() == []
        receiving.unadopted.close()

    def test_names_a_batch_that_was_under_way_when_the_names_changed(self, person, home):
        historian = cast.historian(home, [])
        receiving = naming.open_receiving(historian)
        one = source_actions.Adoption("plc-1", "X", "n1.pressure", "Node 1", "pressure", "bar")
        source_actions.adopt([one], person.id)
        historian.know(*queries.watched_points())
        receiving.know(sources.sent_names())
        number = receiving.id_of("plc-1", "X")
        other = source_actions.Adoption("plc-1", "X", "n1.pressure", "Node 1", "pressure", "m")
        source_actions.adopt([other], person.id)
        receiving.know(sources.sent_names())
        batch = contracts.Batch(
            "plc-1", np.array([number], np.int32), np.array([cast.NOON]), np.array([2.0]),
            np.zeros(1, np.uint8),
        )  # fmt: skip
        receiving.accept_many([batch])
        historian.close()
        receiving.unadopted.close()

        found = queries.latest(["n1.pressure"])["n1.pressure"]
        assert found.value == pytest.approx(2e5 / 9806.65)

    def test_refuses_a_unit_that_does_not_measure_the_kind(self, person):
        one = source_actions.Adoption("plc-1", "X", "n1.pressure", "Node 1", "pressure", "L/s")
        with pytest.raises(source_actions.UnitNotOfKind):
            source_actions.adopt([one], person.id)
        assert not models.Point.objects.exists()

    def test_is_done_for_many_at_once_on_the_page(self, signed_in):
        now = contracts.from_us(cast.NOON)
        for number in range(3):
            models.UnknownPoint.objects.create(
                source="plc-1", code=f"N{number}/Flow [L/s]", count=3, earliest_at=now,
                latest_at=now, sample=1.0,
            )  # fmt: skip
        browser = signed_in("manager")
        page = browser.get("/telemetry/unknown/adopt/?q=flow").content.decode()
        assert page.count("<option selected>L/s</option>") == 3
        form = {"count": "3"}
        for number in range(3):
            given = {
                "take": "on", "source": "plc-1", "sent": f"N{number}/Flow [L/s]",
                "code": f"n{number}.flow", "name": f"Flow {number}", "kind": "flow", "unit": "L/s",
            }  # fmt: skip
            form |= {f"{name}_{number}": value for name, value in given.items()}
        answer = browser.post("/telemetry/unknown/adopt/", form)

        assert answer.status_code == 302
        assert models.SentCode.objects.count() == 3
        assert models.SentCode.objects.first().factor == pytest.approx(3.6)  # L/s to m³/h
        assert not models.UnknownPoint.objects.exists()

    def test_shows_what_was_typed_again_when_it_is_refused(self, signed_in):
        form = {
            "count": "1", "take_0": "on", "source_0": "s", "sent_0": "X", "code_0": "bad code!",
            "name_0": "Kept name", "kind_0": "flow", "unit_0": "m³/h", "asset_0": "ghost",
        }  # fmt: skip
        answer = signed_in("manager").post("/telemetry/unknown/adopt/", form)

        assert answer.status_code == 422
        assert "Kept name" in answer.content.decode()
        assert "the code is not usable, there is no such asset" in answer.content.decode()

    def test_needs_the_permission(self, signed_in):
        browser = signed_in("dispatcher")

        assert browser.get("/telemetry/unknown/").status_code == 200
        assert browser.get("/telemetry/unknown/adopt/").status_code == 403
        assert browser.post("/telemetry/unknown/forget/").status_code == 403
