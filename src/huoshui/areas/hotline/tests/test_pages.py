"""The pages of the hotline: the desk, the lists, the report that equals them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation

from huoshui.areas.customers import contracts as customers
from huoshui.areas.hotline import models
from huoshui.areas.hotline.actions import knowledge, listening, rota, wrapping
from huoshui.areas.hotline.contracts import Noted
from huoshui.areas.hotline.web import panels, popped, report
from huoshui.kernel import cases, clock
from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.accounts.models import Post
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db
QUERY_COUNTS = json.loads(Path(__file__).with_name("query_counts.json").read_text("utf-8"))


@pytest.fixture
def signed_in(client, agent):
    client.force_login(agent)
    return client


@pytest.fixture
def led(client, leader):
    client.force_login(leader)
    return client


def text_of(response):
    return response.content.decode()


class TestDesk:
    def test_shows_the_call_that_rings(self, signed_in, ring):
        ring("13812345678", answered=False, goes_on=True)

        page = text_of(signed_in.get(reverse("hotline:desk")))

        assert "13812345678" in page
        assert "data-hl-call" in page

    def test_shows_nothing_that_rings_elsewhere(self, signed_in, ring):
        ring("13812345678", extension="8009")

        assert "data-hl-idle" in text_of(signed_in.get(reverse("hotline:pop")))

    def test_says_that_a_number_is_withheld(self, signed_in, ring):
        call = ring("")

        page = text_of(signed_in.get(reverse("hotline:pop"), {"call": call.pk}))

        assert "data-hl-find" in page

    def test_says_so_too_where_the_telephone_system_has_a_word_for_it(self, signed_in, ring):
        ring("anonymous")

        assert "anonymous" not in text_of(signed_in.get(reverse("hotline:calls")))

    @pytest.mark.parametrize(
        ("balance_cents", "words"),
        [(3560, "35.60 yuan owed"), (-5502, "55.02 yuan paid ahead"), (0, "Nothing owed")],
    )
    def test_says_what_is_owed_and_what_is_paid_ahead(self, balance_cents: int, words: str):
        place = customers.Premises("P1", "明湖路1号", "XQ-01", "明湖", None, None, "")
        account = customers.Account(
            "600001", "active", "", "王*", (), False, place, (), balance_cents, None, None, None
        )
        shown = {
            "account": popped.account_shown(account),
            "call": {"id": 1, "began_at": clock.now()},
        }

        with translation.override("en"):
            page = render_to_string("hotline/pop.html", shown)
        assert words in page
        assert ("text-danger" in page) == (balance_cents > 0)

    def test_keeps_its_tags_when_the_note_is_changed(self, signed_in, ring, agent):
        call = wrapping.wrap_call(ring().pk, Noted("bill", tags=("老人", "催缴")), by_id=agent.pk)

        page = text_of(signed_in.get(reverse("hotline:pop"), {"call": call.pk}))

        assert 'value="老人, 催缴"' in page

    def test_masks_the_number_for_whoever_may_not_see_personal_data(self, client, ring):
        post = Post.objects.create(code="listener", granted=["hotline.take_calls"])
        guest, _ = accounts.add_user("guest", "客人", posts=(post.code,))
        client.force_login(guest)
        call = ring("13812345678")

        page = text_of(client.get(reverse("hotline:pop"), {"call": call.pk}))

        assert "138****5678" in page
        assert "13812345678" not in page

    def test_records_who_opened_the_call_of_somebody_else(self, led, leader, ring):
        call = ring("13812345678")

        led.get(reverse("hotline:pop"), {"call": call.pk})

        records = AuditRecord.objects.filter(action="hotline.number_read", by=leader)
        assert records.filter(subject=f"hotline.call:{call.pk}").exists()

    def test_does_not_write_over_what_a_colleague_has_noted(self, signed_in, ring, leader):
        call = ring()
        wrapping.wrap_call(call.pk, Noted("burst", note="路面塌陷"), by_id=leader.pk)

        answer = signed_in.post(
            reverse("hotline:wrap", args=[call.pk]), {"topic": "bill", "first": "1"}
        )

        call.refresh_from_db()
        assert (call.topic.code, call.note) == ("burst", "路面塌陷")
        assert len(list(get_messages(answer.wsgi_request))) == 1

    @pytest.mark.parametrize(("lon", "lat"), [("117", "100"), ("", "36"), ("117", "nan")])
    def test_takes_no_place_that_is_not_on_earth(self, signed_in, ring, lon, lat):
        call = ring()

        answer = signed_in.post(
            reverse("hotline:wrap", args=[call.pk]), {"topic": "bill", "lon": lon, "lat": lat}
        )

        call.refresh_from_db()
        assert (answer.status_code, call.lon, call.lat) == (302, None, None)

    @pytest.mark.parametrize(
        "address", ["desk/?call=²", "desk/pop/?call=" + "9" * 5000, "knowledge/new/?question=²"]
    )
    def test_reads_an_address_that_names_no_key_as_none(self, signed_in, address):
        assert signed_in.get(f"/hotline/{address}").status_code == 200

    def test_makes_a_case_of_a_call(self, signed_in, ring):
        call = ring()

        answer = signed_in.post(
            reverse("hotline:wrap", args=[call.pk]),
            {
                "topic": "no_water",
                "lon": "117.01",
                "lat": "36.66",
                "place": "光明小区",
                "note": "整栋",
            },
        )

        assert answer.status_code == 302
        call.refresh_from_db()
        assert cases.case(call.case_number).state == "sent"

    def test_says_what_is_missing(self, signed_in, ring):
        call = ring()

        answer = signed_in.post(reverse("hotline:wrap", args=[call.pk]), {"topic": ""}, follow=True)

        assert answer.status_code == 200
        assert not models.Call.objects.get().case_number

    def test_offers_to_fold(self, signed_in, ring, agent):
        place = {"lon": 117.01, "lat": 36.66, "place": "光明小区"}
        wrapping.wrap_call(ring().pk, Noted("no_water", **place), by_id=agent.pk)
        second = ring("13900000002")

        part = text_of(signed_in.get(
            reverse("hotline:similar", args=[second.pk]),
            {"topic": "no_water", "lon": "117.01", "lat": "36.66"},
        ))  # fmt: skip

        assert "fold_with" in part

    def test_keeps_a_question_without_answer(self, signed_in, ring):
        call = ring()
        part = text_of(
            signed_in.get(reverse("hotline:answers"), {"q": "水表检定", "call": call.pk})
        )
        assert reverse("hotline:keep-question") in part

        signed_in.post(reverse("hotline:keep-question"), {"text": "水表检定", "call": call.pk})

        assert models.Question.objects.get().text == "水表检定"

    @pytest.mark.parametrize("name", ["desk", "pop", "find", "answers"])
    def test_is_closed_to_others(self, client, standard_topics, name):
        client.force_login(accounts.add_user("v", "V", posts=("viewer",))[0])

        assert client.get(reverse(f"hotline:{name}")).status_code == 403

    def test_lets_an_agent_go_away_and_come_back(self, signed_in, agent):
        signed_in.post(reverse("hotline:seat"), {"state": "away"})
        assert models.AgentSeat.objects.get().state == "away"

        signed_in.post(reverse("hotline:seat"), {"extension": "8005"})
        seat = models.AgentSeat.objects.get()
        assert (seat.state, seat.extension) == ("ready", "8005")


class TestLists:
    @pytest.mark.parametrize("name", sorted(QUERY_COUNTS))
    @pytest.mark.parametrize("rows", [1, 12])
    def test_cost_the_same_for_few_and_many(
        self, client, ring, agent, leader, name, rows, django_assert_max_num_queries
    ):
        user, _ = accounts.add_user("ada", "Ada", posts=("administrator",))
        client.force_login(user)
        for n in range(rows):
            call = ring(f"1380000{n:04d}")
            wrapping.wrap_call(call.pk, Noted("no_water", own_case=True), by_id=agent.pk)
            knowledge.keep_question(f"问 {n}", call_id=call.pk, by_id=agent.pk)
            knowledge.write_draft(title=f"文 {n}", text="字", by_id=agent.pk)
            listening.judge_call(
                call.pk, scores=dict.fromkeys(listening.rules.SCORES, 4), by_id=leader.pk
            )
        client.get(reverse(name))

        with django_assert_max_num_queries(QUERY_COUNTS[name]):
            assert client.get(reverse(name)).status_code == 200

    def test_mask_numbers_for_those_who_may_not_see_them(self, client, ring):
        ring("13812345678")
        client.force_login(accounts.add_user("v", "V", posts=("viewer",))[0])
        Post.objects.filter(code="viewer").update(granted=["hotline.read_calls"])

        page = text_of(client.get(reverse("hotline:calls")))

        assert "138****5678" in page
        assert "13812345678" not in page

    def test_find_a_caller_by_the_whole_number(self, signed_in, ring):
        ring("13812345678")
        ring("13900000002")

        page = text_of(signed_in.get(reverse("hotline:calls"), {"q": "+86 13812345678"}))

        assert "138****5678" in page
        assert "139****0002" not in page


class TestPanels:
    def test_show_who_called_about_an_account_an_estate_and_a_case(self, rf, ring, agent):
        noted = Noted("no_water", account_code="A1", estate_code="XQ-01", place="光明小区")
        call = wrapping.wrap_call(ring().pk, noted, by_id=agent.pk)
        request = rf.get("/")
        request.user = agent
        where = reverse("hotline:call", args=[call.pk])

        assert where in panels.account_calls(request, account_code="A1", estate_code="")
        assert where in panels.estate_calls(request, estate_code="XQ-01")
        assert where in panels.case_calls(request, case=cases.case(call.case_number))
        assert panels.account_calls(request, account_code="A2") is None
        assert where in panels.case_link(request, kind="hotline.call", code=str(call.pk))


class TestReport:
    @pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "yesterday"])
    def test_shows_today_for_a_day_that_cannot_be(self, led, day):
        assert led.get(reverse("hotline:report"), {"day": day, "until": "00:00"}).status_code == 200

    @pytest.fixture
    def day(self, ring, agent):
        for topic in ("no_water", "bill", "bill", "service", "praise_any"):
            wrapping.wrap_call(ring().pk, Noted(topic), by_id=agent.pk)
        ring(answered=False)
        ring()

    def test_counts_equal_the_lists_they_open(self, day, led):
        now = clock.now() + timedelta(minutes=1)
        found = report.lines(now - timedelta(hours=2), now)
        counts = {one["label"]: one["count"] for one in found}

        for one in found:
            listed = led.get(f"{one['url']}&format=count")
            assert f"{one['count']}" in text_of(listed), one
        assert sum(one["count"] for one in report.by_topic(now - timedelta(hours=2), now)) == 5
        assert len(counts) == len(found)

    def test_counts_enquiries_and_repairs_apart(self, day):
        now = clock.now() + timedelta(minutes=1)
        counts = report.queries.day_figures(now - timedelta(hours=2), now).counts

        assert (counts["all"], counts["repair"], counts["enquiry"]) == (7, 1, 2)
        assert (counts["abandoned"], counts["unsorted"], counts["answered"]) == (1, 1, 6)

    def test_counts_on_the_wall_what_its_topics_count(self, day, led, ring, agent):
        wrapping.wrap_call(ring(began_s_ago=-20).pk, Noted("bill"), by_id=agent.pk)
        answer = led.get(reverse("hotline:wall"))

        assert answer.context["big"][0]["count"] == 8
        assert sum(one["count"] for one in answer.context["topics"]) == 6

    def test_is_given_as_excel(self, day, led):
        answer = led.get(reverse("hotline:report"), {"format": "xlsx"})

        assert "spreadsheet" in answer["Content-Type"]
        assert b"".join(answer.streaming_content).startswith(b"PK")
        answer.close()

    @pytest.mark.parametrize("name", ["report", "wall"])
    def test_opens(self, day, led, name):
        assert led.get(reverse(f"hotline:{name}")).status_code == 200


class TestKnowledge:
    def test_needs_a_second_person(self, client, agent, leader):
        row = knowledge.write_draft(
            title="防冻保温", text="包好水表", is_public=True, by_id=leader.pk
        )
        client.force_login(leader)
        client.post(reverse("hotline:approve-article", args=[row.code]))
        assert models.Article.objects.get().state == "draft"

        other, _ = accounts.add_user("li", "李", posts=("service_manager",))
        client.force_login(other)
        client.post(reverse("hotline:approve-article", args=[row.code]))

        assert models.Article.objects.get().state == "approved"

    def test_shows_customers_only_what_is_meant_for_them(self, client, leader, agent):
        for title, is_public in (("防冻保温", True), ("内部话术", False)):
            row = knowledge.write_draft(title=title, text="…", is_public=is_public, by_id=leader.pk)
            knowledge.approve(row.code, by_id=agent.pk)

        page = text_of(client.get(reverse("hotline:guide")))

        assert "防冻保温" in page
        assert "内部话术" not in page

    def test_is_found_by_pinyin_initials_while_it_holds(self, leader, agent):
        from huoshui.areas.hotline.queries import knowledge as queries

        row = knowledge.write_draft(title="防冻保温", text="包好", by_id=leader.pk)
        assert queries.found("fdbw") == []
        knowledge.approve(row.code, by_id=agent.pk)
        assert [one.title for one in queries.found("fdbw")] == ["防冻保温"]

        knowledge.retire(row.code, by_id=agent.pk)
        assert queries.found("防冻") == []

    def test_keeps_the_wording_in_force_while_a_new_one_waits(self, led, leader, agent):
        row = knowledge.write_draft(title="缴费", text="旧", by_id=leader.pk)
        knowledge.approve(row.code, by_id=agent.pk)

        led.post(reverse("hotline:write-article", args=[row.code]), {"title": "缴费", "text": "新"})

        assert models.Article.objects.get().text == "旧"
        assert models.ArticleVersion.objects.filter(approved_at__isnull=True).get().text == "新"


class TestRota:
    def test_swaps_a_shift_when_the_colleague_agrees(self, client, agent, leader):
        begin = clock.now() + timedelta(hours=1)
        (shift,) = rota.plan_shift(
            user_id=agent.pk, from_at=begin, until=begin + timedelta(hours=8), by_id=leader.pk
        )
        client.force_login(agent)
        client.post(reverse("hotline:offer-shift", args=[shift.pk]), {"to": leader.pk})
        shift.refresh_from_db()
        assert (shift.user_id, shift.offered_to_id) == (agent.pk, leader.pk)

        client.force_login(leader)
        client.post(reverse("hotline:accept-shift", args=[shift.pk]))

        shift.refresh_from_db()
        assert shift.user_id == leader.pk

    def test_shows_when_nobody_is_planned(self, led):
        assert "–" in text_of(led.get(reverse("hotline:rota")))

    def test_refuses_one_person_twice_at_a_time(self, agent, leader):
        begin = clock.now() + timedelta(hours=1)
        for_agent = {"user_id": agent.pk, "from_at": begin, "until": begin + timedelta(hours=8)}
        rota.plan_shift(**for_agent, days=3, by_id=leader.pk)

        with pytest.raises(Exception, match="not_now"):
            rota.plan_shift(**for_agent, by_id=leader.pk)
