"""From the ringing of a telephone to the last call-back, across customers, hotline, crews, cases.

Goal: what an agent sees of a caller is what customers, fieldwork and cases know; a call becomes a
case, a job, a repair and a call-back. Method: three accounts of one estate, calls as the
telephone system tells them, everything else through pages and doors.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.urls import reverse

from huoshui.areas.customers import actions as customer_actions
from huoshui.areas.customers import facade as customers
from huoshui.areas.customers import placing
from huoshui.areas.customers.models import Estate
from huoshui.areas.customers.stating import Row
from huoshui.areas.fieldwork import contracts as fieldwork_contracts
from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.hotline import contracts
from huoshui.areas.hotline import facade as hotline
from huoshui.kernel import cases, clock
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts.models import Post
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.events import dispatcher
from huoshui.kernel.intake import kinds

pytestmark = pytest.mark.django_db
ACCOUNTS = (
    Row("A1001", name="张伟", phones=("13800138001",), estate="XQ-01", building="3", unit="2",
        room="501", meter="M100001", lon=117.0101, lat=36.6601, reading_m3=1235.0),
    Row("A1002", name="王建国", phones=("13800138002",), estate="XQ-01", building="3", unit="2",
        room="502", meter="M100002", lon=117.0102, lat=36.6601),
    Row("A1003", name="王建国", phones=("13800138002",), estate="XQ-01", building="4", unit="1",
        room="101", meter="M100003", lon=117.0103, lat=36.6601),
)  # fmt: skip
TICKETS = """工单编号,受理时间,办理时限,来电人,联系电话,事发地址,诉求类别,诉求内容
SX001,{received},{due},孙女士,13805310001,泉城花园,水压低,晚上水小
SX002,{received},{before},刘先生,13805310002,人民路,无水,没水
SX001,{received},{due},孙女士,13805310001,泉城花园,水压低,晚上水小
"""


def bring(tmp_path, code, text, by_id):
    """Import a file as the pages do: check, then carry out; return what was done."""
    path = tmp_path / f"{code}.csv"
    path.write_text(text, encoding="utf-8")
    kind = kinds.KINDS[code]
    checked = kind.check(path, path.name, {})
    assert not checked.problems.fatal, [str(one.words) for one in checked.problems]
    return kind.carry_out(path, path.name, {}, by_id)


@pytest.fixture
def leader():
    return accounts.add_user("qiang", "吴强", posts=("service_manager",))[0]


@pytest.fixture
def agent(client):
    user, _ = accounts.add_user("mei", "周梅", posts=("hotline_agent",))
    hotline.take_seat(user_id=user.pk, extension="8001")
    client.force_login(user)
    return user


@pytest.fixture
def town(db):
    estate = Estate.objects.create(code="XQ-01", name="光明小区", lon=117.0101, lat=36.6601)
    placing.keep_keys(estates=[estate])
    customer_actions.keep_accounts(ACCOUNTS, by_id=None)


def ring(number, ref="c-1"):
    """Let somebody call and be answered; return the call."""
    now = clock.now()
    for kind, after_s in (("ringing", 0), ("answered", 6)):
        told = contracts.ToldEvent(
            kind, contracts.EventKind(kind), now + timedelta(seconds=after_s), "8001"
        )
        pk = hotline.take_event(ref, told, caller_number=number)
    return pk


def pop(client, **query):
    return client.get(reverse("hotline:pop"), query).content.decode()


class TestScreenPop:
    def test_shows_who_calls_from_where_about_which_meter(self, client, town, agent):
        ring("+86 13800138001")

        page = pop(client)

        assert all(one in page for one in ("张伟", "A1001", "M100001", "光明小区"))

    def test_asks_which_account_when_there_are_several(self, client, town, agent):
        call = ring("13800138002")

        assert all(code in pop(client) for code in ("A1002", "A1003"))
        assert "M100003" in pop(client, call=call, account="A1003")

    def test_finds_an_account_for_somebody_unknown(self, client, town, agent):
        call = ring("19900000001")

        found = client.get(reverse("hotline:find"), {"q": "光明3-2-501", "call": call})

        assert "A1001" in found.content.decode()
        assert "M100001" in pop(client, call=call, account="A1001")

    def test_tells_the_next_caller_what_is_known(self, client, town, agent):
        first = ring("13800138001", "c-1")
        place = {"lon": 117.0101, "lat": 36.6601, "estate_code": "XQ-01", "place": "光明小区"}
        number = hotline.note_call(first, contracts.Noted("no_water", **place), by_id=agent.pk)
        second = ring("13800138002", "c-2")
        hotline.note_call(
            second, contracts.Noted("no_water", fold_with=f"call:{first}", **place), by_id=agent.pk
        )
        hotline.say_known(number, "泵房停电，11 点恢复", by_id=agent.pk)

        ring("13800138001", "c-3")

        assert "泵房停电，11 点恢复" in pop(client)

    def test_shows_what_is_open_for_the_account(self, client, town, agent):
        call = ring("13800138001", "c-1")
        noted = contracts.Noted("meter_fault", account_code="A1001", place="光明小区")
        number = hotline.note_call(call, noted, by_id=agent.pk)

        ring("13800138001", "c-2")

        assert number in pop(client)


class TestFromCallToCallBack:
    def test_three_keys_lead_to_a_crew_and_back_to_the_caller(self, client, town, agent):
        call = ring("13800138001")
        page = pop(client)
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        place = re.search(r'name="place" value="([^"]*)"', page)[1]
        client.post(
            reverse("hotline:wrap", args=[call]), {**hidden, "topic": "no_water", "place": place}
        )
        number = hotline.call(call).case_number
        assert cases.case(number).state == "sent"
        assert [one.number for one in cases.linked("customers.account", "A1001")] == [number]

        dispatcher.dispatch()
        (job,) = fieldwork.open_jobs(origin=f"hotline.case:{number}")
        crew, _ = accounts.add_user("lei", "赵磊", posts=("crew",))
        boss, _ = accounts.add_user("yang", "刘洋", posts=("crew_leader",))
        fieldwork.assign_job(number=job.number, to=crew, by_id=boss.pk)
        fieldwork.report_job(
            number=job.number, by=crew, found=fieldwork_contracts.Found.OTHER, note="换表前阀"
        )
        fieldwork.close_job(number=job.number, by_id=boss.pk)
        dispatcher.dispatch()
        assert cases.case(number).state == "call_back"
        assert number in client.get(reverse("hotline:desk")).content.decode()

        cases.call_back(number, True, score=5, by_id=agent.pk)
        assert cases.case(number).state == "closed"


class TestCityLine:
    def text(self):
        now = clock.local(clock.now()).replace(tzinfo=None, microsecond=0)
        form = "%Y-%m-%d %H:%M"
        return TICKETS.format(
            received=(now - timedelta(days=1)).strftime(form),
            due=(now + timedelta(days=2)).strftime(form),
            before=(now - timedelta(days=2)).strftime(form),
        )

    def test_tickets_become_cases_with_the_citys_deadline(self, tmp_path, leader):
        done = bring(tmp_path, "city_tickets", self.text(), leader.pk)

        assert (done.created, done.left_out) == (1, 2)
        (case,) = cases.linked("hotline.city_ticket", "SX001")
        assert timedelta(days=1) < case.deadline_at - clock.now() < timedelta(days=3)

    def test_a_second_import_shows_the_difference_and_changes_nothing_else(self, tmp_path, leader):
        bring(tmp_path, "city_tickets", self.text(), leader.pk)

        again = bring(
            tmp_path, "city_tickets", self.text().replace("晚上水小", "全天水小"), leader.pk
        )

        assert (again.created, again.changed) == (0, 1)
        assert len(cases.linked("hotline.city_ticket", "SX001")) == 1

    def test_a_reply_is_kept_with_the_ticket(self, client, tmp_path, leader):
        bring(tmp_path, "city_tickets", self.text(), leader.pk)
        (case,) = cases.linked("hotline.city_ticket", "SX001")
        cases.act(case.number, "reply", by_id=leader.pk, fields={"reply": "已加压"})
        dispatcher.dispatch()
        client.force_login(leader)

        page = client.get(reverse("hotline:city-tickets"), {"standing": "done"})

        assert "SX001" in page.content.decode()


def test_customers_are_who_we_brought(town):
    assert [one.name for one in customers.estates()] == ["光明小区"]


class TestNumbers:
    @pytest.mark.parametrize(("estate", "in_full"), [("XQ-01", True), ("XQ-02", False)])
    def test_are_read_in_full_by_the_specialist_of_the_own_estates(
        self, client, town, agent, estate, in_full
    ):
        Estate.objects.create(code="XQ-02", name="泉水花园")
        post = Post.objects.create(code="reads_calls", granted=["hotline.read_calls"])
        zheng, _ = accounts.add_user("zheng", "郑", posts=("grid_specialist", post.code))
        customer_actions.add_grid("WG-1", "东一", by_id=None)
        customer_actions.choose_people("WG-1", specialist_id=zheng.pk, deputy_id=None, by_id=None)
        customer_actions.move_estates({estate: "WG-1"}, by_id=None)
        call = ring("13800138001")
        hotline.note_call(call, contracts.Noted("bill", estate_code="XQ-01"), by_id=agent.pk)
        client.force_login(zheng)

        page = client.get(reverse("hotline:call", args=[call])).content.decode()

        assert ("13800138001" in page) is in_full
        assert (
            AuditRecord.objects.filter(action="hotline.number_read", by=zheng).exists() is in_full
        )
