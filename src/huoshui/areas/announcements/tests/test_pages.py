"""The pages: composing in steps, the second person, messages, and what the public sees."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from django.urls import reverse

from huoshui.areas.announcements import actions, models, outbox, wording
from huoshui.areas.announcements.contracts import DeliveryState, Kind, State, Way
from huoshui.areas.announcements.tests import standin
from huoshui.areas.announcements.tests.conftest import phones, queued
from huoshui.areas.announcements.web import lists
from huoshui.kernel import clock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)  # twelve in Shanghai
QUERY_COUNTS = json.loads(Path(__file__).with_name("query_counts.json").read_text("utf-8"))
WORDS = {
    "kind": "planned_outage",
    "title_zh": "{place}计划停水",
    "text_zh": "{place}将于{from}至{until}停水，请提前储水。",
    "place": "光明小区",
    "from_at": "2026-03-03T22:00",
    "until_at": "2026-03-04T04:00",
    "is_public": "on",
}


@pytest.fixture(autouse=True)
def _noon():
    with clock.frozen(NOON):
        yield


@pytest.fixture
def mei(client, cast):
    """A service manager who is signed in."""
    client.force_login(cast.mei)
    return client


def page(client, number, name="announcement"):
    """Return the text of a page of an announcement."""
    return client.get(reverse(f"announcements:{name}", args=[number])).content.decode()


class TestComposing:
    def test_goes_in_steps_and_keeps_each(self, mei):
        answer = mei.post(reverse("announcements:new"), WORDS)
        row = models.Announcement.objects.get()
        assert answer["Location"] == reverse("announcements:people", args=[row.number])

        answer = mei.post(answer["Location"], {"everyone": "on"})
        assert answer["Location"] == reverse("announcements:ways", args=[row.number])

        mei.post(answer["Location"], {"ways": ["poster"], "order": "all"})
        assert "光明小区计划停水" in page(mei, row.number)
        assert 'value="2026-03-03T22:00"' in page(mei, row.number, "words")

    def test_says_what_is_wrong_and_keeps_what_was_typed(self, mei):
        answer = mei.post(
            reverse("announcements:new"), {**WORDS, "text_zh": "{plaec}停水", "place": "某小区"}
        )

        text = answer.content.decode()
        assert answer.status_code == 422
        assert "{plaec}" in text
        assert 'value="某小区"' in text

    def test_refuses_an_end_before_the_beginning(self, mei):
        answer = mei.post(reverse("announcements:new"), {**WORDS, "until_at": "2026-03-03T21:00"})

        assert answer.status_code == 422
        assert not models.Announcement.objects.exists()

    def test_refuses_an_area_that_encloses_nothing(self, mei):
        mei.post(reverse("announcements:new"), WORDS)
        number = models.Announcement.objects.get().number
        answer = mei.post(
            reverse("announcements:people", args=[number]), {"polygon": "[[1, 1], [2, 2]]"}
        )

        assert answer.status_code == 422

    def test_warns_of_a_planned_outage_told_too_late(self, mei):
        said = {**WORDS, "from_at": "2026-03-02T18:00", "until_at": "2026-03-02T20:00"}
        mei.post(reverse("announcements:new"), said)

        # Six hours ahead instead of twenty-four.
        text = page(mei, models.Announcement.objects.get().number)
        assert "18" in text.split("alert-warning")[1].split("</div>")[0]

    def test_is_closed_to_those_who_only_read(self, client, cast):
        client.force_login(cast.gao)

        assert client.get(reverse("announcements:new")).status_code == 403
        assert client.get(reverse("announcements:announcements")).status_code == 200

    def test_is_closed_to_strangers(self, client):
        assert client.get(reverse("announcements:announcements")).status_code in (302, 401)


def draft(ways=(Way.POSTER,), people=(), **given):
    """Return a draft whose people were gathered."""
    said = actions.compose(
        actions.Composed(
            kind=Kind.TARIFF, title_zh="水价", text_zh="{name}您好", place="全城", **given
        ),
        by_id=None,
    )
    models.Recipient.objects.bulk_create(
        models.Recipient(announcement=said, account_code=f"A{n}", why="list", **one)
        for n, one in enumerate(people)
    )
    models.Announcement.objects.filter(pk=said.pk).update(
        ways=list(ways), people_total=len(people), gathered_at=clock.now(), everyone=True
    )
    return said.number


class TestSamples:
    def test_leave_a_record_of_who_saw_names_in_full(self, mei):
        from huoshui.kernel.audit.models import AuditRecord as Record

        page(mei, draft(ways=(Way.SMS,), people=phones(1)))

        assert Record.objects.filter(action="announcements.people_read").exists()


class TestTheSecondPerson:
    @pytest.fixture
    def waiting(self, sms, cast):
        """A mass notice that Mei handed in."""
        actions.change_rules(
            quiet_from=datetime.min.time(), quiet_until=datetime.min.time(), mass_from=3,
            keep_days=90, page_address="", by_id=None,
        )  # fmt: skip
        number = draft(ways=(Way.SMS,), people=phones(3))
        actions.submit(number, by_id=cast.mei.pk)
        return number

    def test_is_asked_for_many_people_only(self, sms, cast):
        number = draft(ways=(Way.SMS,), people=phones(3))
        actions.submit(number, by_id=cast.mei.pk)

        assert models.Announcement.objects.get(number=number).state == State.QUEUING

    def test_is_another_than_the_one_who_handed_it_in(self, waiting, client, cast):
        client.force_login(cast.mei)
        client.post(reverse("announcements:release", args=[waiting]))
        assert models.Announcement.objects.get().state == State.WAITING

        client.force_login(cast.lin)
        client.post(reverse("announcements:release", args=[waiting]))
        row = models.Announcement.objects.get()
        assert (row.state, row.approved_by) == (State.QUEUING, cast.lin)

    def test_may_give_it_back_with_a_reason(self, waiting, client, cast):
        client.force_login(cast.lin)
        url = reverse("announcements:give_back", args=[waiting])
        client.post(url, {"reason": " "})
        assert models.Announcement.objects.get().state == State.WAITING

        client.post(url, {"reason": "日期错了"})
        assert models.Announcement.objects.get().state == State.DRAFT
        client.force_login(cast.mei)
        assert "日期错了" in page(client, waiting)

    def test_is_no_agent_of_the_hotline(self, waiting, client, cast):
        client.force_login(cast.zhou)

        assert client.post(reverse("announcements:release", args=[waiting])).status_code == 403


class TestHandingIn:
    def test_refuses_a_channel_that_is_off(self, home, mei):
        number = draft(ways=(Way.SMS,), people=phones(1))
        mei.post(reverse("announcements:submit", args=[number]))

        assert models.Announcement.objects.get().state == State.DRAFT
        assert "page_address" not in page(mei, number)

    def test_refuses_words_whose_variables_are_empty(self, mei):
        said = actions.compose(
            actions.Composed(kind=Kind.OTHER, title_zh="{from}", text_zh="x"), by_id=None
        )
        mei.post(reverse("announcements:submit", args=[said.number]))

        assert models.Announcement.objects.get().state == State.DRAFT

    def test_tells_staff_in_the_product(self, mei, cast):
        from huoshui.kernel.notices.models import Receipt

        number = draft()
        actions.choose_ways(number, [Way.IN_APP], staff_posts=["hotline_agent"], by_id=None)
        mei.post(reverse("announcements:submit", args=[number]))

        assert Receipt.objects.get().user == cast.zhou
        assert models.Announcement.objects.get().state == State.DONE


class TestMessages:
    def test_show_everybody_with_masked_data(self, sms, client, cast):
        row = queued(*phones(2))
        client.force_login(cast.gao)

        text = client.get(lists.url_for("messages", row.number)).content.decode()
        assert "138****0001" in text
        assert "13800000001" not in text

    def test_cost_the_same_for_few_and_many(self, sms, mei, django_assert_max_num_queries):
        for count in (2, 60):
            row = queued(*phones(count))
            with django_assert_max_num_queries(QUERY_COUNTS["announcements:messages"]):
                mei.get(lists.url_for("messages", row.number))

    def test_wait_for_the_morning_and_the_page_says_so(self, sms, mei):
        with clock.frozen(NOON + timedelta(hours=11)):
            row = queued(*phones(1), kind=Kind.TARIFF)
            assert "07:30" in page(mei, row.number)

    def test_can_be_sent_again_when_they_failed(self, sms, mei):
        row = queued(*phones(1))
        sms.answers = [(400, {"code": "blocked"}, {})]
        outbox.send_slice()
        assert reverse("announcements:retry", args=[row.number]) in page(mei, row.number)

        mei.post(reverse("announcements:retry", args=[row.number]))
        assert models.Delivery.objects.get().state == DeliveryState.QUEUED


class TestThePublic:
    def test_reads_where_when_and_what_and_nothing_of_people(self, client, sms):
        row = queued(*phones(1))
        text = client.get(reverse("announcements:public", args=[row.token])).content.decode()

        assert "光明小区停水" in text
        assert "王0" not in text
        assert "13800000000" not in text

    def test_does_not_see_a_draft(self, client):
        said = actions.compose(
            actions.Composed(kind=Kind.OTHER, title_zh="x", text_zh="y"), by_id=None
        )

        url = reverse("announcements:public", args=[said.token])
        assert client.get(url).status_code == 404

    def test_is_told_that_one_was_taken_back_but_not_what_it_said(self, client, sms):
        row = queued(*phones(1))
        actions.recall(row.number, by_id=None, reason="推迟")
        text = client.get(reverse("announcements:public", args=[row.token])).content.decode()

        assert "推迟" in text
        assert "您好" not in text

    def test_opening_by_the_link_of_a_message_is_taken_down_once(self, client, sms):
        row = queued(*phones(1))
        outbox.send_slice()
        message = models.Delivery.objects.get()
        url = wording.page_url("https://water.example.cn", row, message.pk)
        path = url.removeprefix("https://water.example.cn")

        client.get(path[:-1] + ("0" if path[-1] != "0" else "1"))
        assert models.Delivery.objects.get().state == DeliveryState.SENT
        client.get(path)
        assert models.Delivery.objects.get().state == DeliveryState.READ

    def test_finds_what_is_announced_now_as_a_feed(self, client, sms):
        queued(*phones(1))
        found = client.get(reverse("announcements:public_list"), {"format": "json"}).json()

        assert [one["title"] for one in found["announcements"]] == ["光明小区停水"]

    def test_looks_up_what_was_announced_by_words(self, client, sms):
        queued(*phones(1))
        over = queued(*phones(1), title_zh="东昌路管道冲洗", until_at=NOON)
        secret = queued(*phones(1), title_zh="内部", is_public=False)
        url = reverse("announcements:public_list")

        now = client.get(url).content.decode()
        assert "光明小区停水" in now
        assert over.title_zh not in now

        past = client.get(url, {"show": "past"}).content.decode()
        assert over.title_zh in past
        assert "光明小区停水" not in past
        assert secret.title_zh not in past + now
        nothing = client.get(url, {"show": "past", "q": "铁路"}).content.decode()
        assert over.title_zh not in nothing

    def test_follows_them_by_a_feed(self, client, sms):
        row = queued(*phones(1))
        answer = client.get(reverse("announcements:public_feed"))
        tree = ElementTree.fromstring(answer.content)
        atom = "{http://www.w3.org/2005/Atom}"

        assert answer["Content-Type"].startswith("application/atom+xml")
        assert [one.findtext(f"{atom}title") for one in tree.iter(f"{atom}entry")] == [
            "光明小区停水"
        ]
        assert tree.findtext(f"{atom}entry/{atom}id") == f"urn:huoshui:announcement:{row.number}"
        link = tree.find(f"{atom}entry/{atom}link").get("href")
        assert link.endswith(reverse("announcements:public", args=[row.token]))

    def test_finds_the_way_from_the_page_of_the_sign_in(self, client, db):
        text = client.get("/sign-in/").content.decode()

        assert reverse("announcements:public_list") in text
        assert reverse("hotline:guide") in text

    def test_reads_the_poster_in_chinese_whatever_its_printer_reads(self, mei, sms):
        row = queued(*phones(1), from_at=NOON)
        url = reverse("announcements:poster", args=[row.number])
        text = mei.get(url, headers={"accept-language": "en"}).content.decode()
        poster = text.split("<article")[1].split("</article>")[0]

        assert "3月2日" in poster or "2026-03-02 12:00" in poster
        assert "From" not in poster

    def test_sees_the_poster_of_nothing_that_is_not_theirs(self, client, sms):
        row = queued(*phones(1))

        assert client.get(reverse("announcements:poster", args=[row.number])).status_code in (
            302, 401,
        )  # fmt: skip


class TestSettingUp:
    def test_keeps_secrets_out_of_pages_and_of_the_audit_trail(self, sms, mei):
        from huoshui.kernel.audit.models import AuditRecord as Record

        text = mei.get(reverse("announcements:channel", args=["sms"])).content.decode()

        assert standin.SECRET not in text
        assert not Record.objects.filter(detail__icontains=standin.SECRET).exists()

    def test_refuses_a_host_that_the_server_does_not_allow(self, home, mei):
        answer = mei.post(
            reverse("announcements:channel", args=["sms"]),
            {"option_url": "https://sms.example.com/send", "option_account": "a",
             "option_secret": "s", "option_sign": "x", "option_parallel": 1,
             "option_per_second": 1, "price": "0.045"},
        )  # fmt: skip

        assert answer.status_code == 422
        assert not models.ChannelSetup.objects.exists()

    def test_cannot_switch_on_what_is_not_set_up(self, home, mei):
        mei.post(reverse("announcements:switch", args=["wechat"]), {"on": "1"})

        assert not models.ChannelSetup.objects.filter(is_enabled=True).exists()

    @pytest.mark.parametrize("name", ["channels", "wordings"])
    def test_lists_keep_to_their_queries(self, home, mei, django_assert_max_num_queries, name):
        with django_assert_max_num_queries(QUERY_COUNTS[f"announcements:{name}"]):
            assert mei.get(reverse(f"announcements:{name}")).status_code == 200


class TestList:
    @pytest.mark.parametrize("rows", [1, 20])
    def test_costs_the_same_for_few_and_many(self, mei, django_assert_max_num_queries, rows):
        for number in range(rows):
            actions.compose(
                actions.Composed(kind=Kind.OTHER, title_zh=f"第{number}号", text_zh="x"), by_id=None
            )
        with django_assert_max_num_queries(QUERY_COUNTS["announcements:announcements"]):
            text = mei.get(reverse("announcements:announcements")).content.decode()

        assert "第0号" in text

    def test_forgets_contact_data_after_some_time(self, sms):
        queued(*phones(1))
        with clock.frozen(NOON + timedelta(days=181)):
            assert actions.forget_old_addresses() == 1

        assert models.Recipient.objects.get().phone == ""
