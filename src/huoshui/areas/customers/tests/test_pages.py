"""The pages of customers: who may open them, what is masked, and what they cost."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from django.urls import reverse

from huoshui.areas.customers import actions, balancing
from huoshui.areas.customers.contracts import (
    CareReason,
    FindingTopic,
    SupervisorKind,
    VoiceForm,
    VoiceKind,
)
from huoshui.kernel import cases
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.audit.models import AuditRecord

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]
QUERY_COUNTS = json.loads(Path(__file__).with_name("query_counts.json").read_text("utf-8"))


@pytest.fixture
def manager(town, client):
    user, _ = accounts.add_user("ada", "Ada", posts=("service_manager",))
    client.force_login(user)
    return user


@pytest.fixture
def filled(manager):
    """One of everything, so that no list is empty."""
    actions.begin_care("A1003", reason=CareReason.ELDERLY, consent_date=date(2020, 1, 2),
                       consent_by="女儿", contact_name="曾红", contact_phone="13700137001",
                       by_id=None)  # fmt: skip
    actions.add_grid("WG-1", "东一", by_id=None)
    actions.choose_people("WG-1", specialist_id=manager.pk, deputy_id=None, by_id=None)
    actions.move_estates({"XQ-01": "WG-1"}, by_id=None)
    actions.hang_board("XQ-01", place="北门", by_id=None)
    watcher = actions.add_supervisor("赵敏", kind=SupervisorKind.MEDIA, by_id=None)
    actions.file_finding(watcher.pk, topic=FindingTopic.QUALITY, text="窗口排队太久",
                         owner_id=manager.pk, by_id=manager.pk)  # fmt: skip
    actions.keep_voice(kind=VoiceKind.PRAISE, form=VoiceForm.BANNER, text="热情服务",
                       person_id=manager.pk, by_id=None)  # fmt: skip
    actions.add_grid("WG-2", "东二", by_id=None)
    actions.move_estates({"XQ-02": "WG-2", "XQ-03": "WG-2"}, by_id=None)


@pytest.mark.usefixtures("filled")
class TestLists:
    @pytest.mark.parametrize("name", sorted(QUERY_COUNTS))
    def test_open_in_both_languages_and_cost_what_was_agreed(
        self, client, name, django_assert_max_num_queries
    ):
        for language in ("en", "zh-hans"):
            with django_assert_max_num_queries(QUERY_COUNTS[name]):
                answer = client.get(reverse(name), headers={"accept-language": language})

            assert answer.status_code == 200

    @pytest.mark.parametrize("name", sorted(QUERY_COUNTS))
    def test_go_to_excel(self, client, name):
        answer = client.get(reverse(name) + "?format=xlsx")

        assert answer.status_code == 200
        answer.close()

    @pytest.mark.parametrize("name", sorted(QUERY_COUNTS))
    def test_are_closed_to_strangers(self, client, name):
        client.logout()

        assert client.get(reverse(name)).status_code in (302, 401)

    def test_find_an_account_as_people_type(self, client):
        page = client.get(reverse("customers:accounts"), {"q": "光明小区3号楼2单元501"})

        assert "A1001" in page.content.decode()
        assert "A1002" not in page.content.decode()


class TestAccountPage:
    def open(self, client, code="A1002"):
        return client.get(reverse("customers:account", args=[code])).content.decode()

    @pytest.mark.usefixtures("filled")
    def test_masks_everybody(self, client):
        page = self.open(client)

        assert "王*国" in page
        assert "王建国" not in page
        assert "13800138002" not in page

    @pytest.mark.usefixtures("filled")
    def test_shows_the_visits_of_a_cared_for_customer(self, client):
        actions.visit("A1003", by_id=None, note="代缴水费", paid_cents=3_550)

        page = self.open(client, "A1003")

        assert "代缴水费" in page
        assert "35.50" in page

    @pytest.mark.usefixtures("manager")
    def test_shows_in_full_when_asked_and_records_it(self, client):
        address = reverse("customers:unmask", args=["A1002"])

        assert client.get(address).status_code == 302
        page = client.post(address)

        assert "王建国" in page.content.decode()
        assert page["Cache-Control"] == "no-store"
        assert AuditRecord.objects.filter(action="customers.unmasked").count() == 1

    def test_refuses_to_show_in_full_to_a_dispatcher(self, client, dispatcher):
        client.force_login(dispatcher)

        assert "王*国" in self.open(client)
        answer = client.post(reverse("customers:unmask", args=["A1002"]))
        assert answer.status_code == 403

    @pytest.mark.usefixtures("manager")
    def test_is_not_there_for_a_code_nobody_has(self, client):
        assert client.get(reverse("customers:account", args=["A9"])).status_code == 404


@pytest.mark.usefixtures("filled")
class TestForms:
    @pytest.mark.parametrize(
        ("name", "args", "sent"),
        [
            ("channels", ["A1001"], {"declined": ["sms", "call"]}),
            ("add_person", ["A1001"], {"name": "张三", "phone": "13611112222", "role": "tenant"}),
            ("key_manager", ["A1006"], {"manager": ""}),
            ("begin_care", ["A1001"],
             {"reason": "ill", "consent_date": "2020-01-01", "consent_by": "本人"}),
            ("visit", ["A1003"], {"visited_at": "2020-02-01T10:00", "met": "on"}),
            ("end_care", ["A1003"], {"why": "搬走"}),
            ("add_grid", [], {"code": "WG-3", "name": "东三"}),
            ("edit_grid", ["WG-2"], {"name": "东二", "specialist": "", "deputy": ""}),
            ("move_estates", ["WG-1"], {"estates": ["XQ-02"], "why": "相邻"}),
            ("hang_board", ["XQ-01"], {"place": "南门", "valid_until": "2199-01-01"}),
            ("add_supervisor", [], {"name": "钱敏", "kind": "media"}),
        ],
    )  # fmt: skip
    def test_do_what_they_say(self, client, name, args, sent):
        address = reverse(f"customers:{name}", args=args)

        assert client.get(address).status_code == 200
        assert client.post(address, sent).status_code == 302

    def test_the_term_of_a_supervisor_ends(self, client):
        from huoshui.areas.customers.models import Supervisor

        watcher = Supervisor.objects.get()
        address = reverse("customers:end_supervisor", args=[watcher.pk])
        assert address in client.get(reverse("customers:supervisors")).content.decode()
        assert client.get(address).status_code == 200

        early = client.post(address, {"until_date": watcher.from_date.isoformat()})
        answer = client.post(address, {"until_date": "2199-01-01"})

        assert (early.status_code, answer.status_code) == (422, 302)
        assert Supervisor.objects.get().until_date.isoformat() == "2199-01-01"
        # Whose term still runs may file findings.
        form = client.get(reverse("customers:file_finding")).content.decode()
        assert watcher.name in form

    def test_a_board_is_taken_down_on_its_estate_and_from_the_list(self, client):
        from huoshui.areas.customers.models import Board

        first = Board.objects.get()
        actions.hang_board("XQ-01", place="南门", by_id=None)
        address = reverse("customers:take_down", args=[first.pk])
        estate = reverse("customers:estate", args=["XQ-01"])
        assert address in client.get(estate).content.decode()

        answer = client.post(address)
        ids = [one.pk for one in Board.objects.all()]
        client.post(reverse("customers:boards"), {"bulk": "take_down", "id": ids})

        assert (answer.status_code, answer.url) == (302, estate)
        assert not Board.objects.filter(removed_at__isnull=True).exists()

    def test_a_complaint_becomes_a_case(self, client, manager):
        sent = {"kind": "complaint", "form": "call", "text": "态度不好", "person_id": manager.pk}

        answer = client.post(reverse("customers:keep_voice"), sent)

        assert answer.status_code == 302
        assert "/cases/" in answer.url

    def test_a_finding_names_who_answers(self, client, manager):
        from huoshui.areas.customers.models import Supervisor

        watcher = Supervisor.objects.get()
        sent = {"supervisor": watcher.pk, "topic": "operation", "text": "井盖松动",
                "owner": manager.pk}  # fmt: skip

        answer = client.post(reverse("customers:file_finding"), sent)

        assert answer.status_code == 302
        found = cases.linked("customers.supervisor", str(watcher.pk))
        assert {one.owner_id for one in found} == {manager.pk}

    def test_pages_of_one_thing_open(self, client):
        plan = actions.keep_plan([balancing.Move("XQ-02", "WG-2", "WG-1")], by_id=None)
        for name, args in (
            ("estate", ["XQ-01"]), ("grid", ["WG-1"]), ("plan", [plan.pk]),
            ("board_print", ["WG-1"]), ("account", ["A1003"]),
        ):  # fmt: skip
            assert client.get(reverse(f"customers:{name}", args=args)).status_code == 200

    def test_the_map_and_the_search_answer_programs(self, client):
        shown = client.get(reverse("api:customers-map")).json()
        found = client.get(reverse("api:customers-find"), {"q": "gmxq 3 501"}).json()

        assert shown["features"][0]["properties"]["label"] == "光明小区"
        assert (found[0]["account"], found[0]["name"]) == ("A1001", "张*")
