"""A wave counts what came by other ways than calls: apart by way, once, and as trouble."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from huoshui.areas.customers import contracts as customer_contracts
from huoshui.areas.hotline import facade as hotline
from huoshui.areas.surge import contracts, facade, models, queries, rules
from huoshui.areas.surge.queries import figures, snapshots
from huoshui.areas.surge.queries.counting import Gathered
from huoshui.areas.surge.tests.conftest import BEGAN, NOW
from huoshui.kernel import cases, clock

pytestmark = pytest.mark.django_db
REPAIR = "hotline.repair"


@pytest.fixture
def tell(people, town):
    """Open a case as it comes by another way; return its number."""

    def tell(
        topic="冻表冻管", way="counter", account="", estate="", *, minutes_ago=60, case_type=REPAIR,
        what="", **more,
    ):  # fmt: skip
        at = NOW - timedelta(minutes=minutes_ago)
        links = [("customers.account", account)] if account else []
        links += [("customers.estate", estate)] if estate else []
        fields = {"what": what or None}
        if case_type != customer_contracts.BOARD_REPORT_CASE:
            fields["topic"] = topic or None
        due = at + timedelta(hours=1) if case_type == REPAIR else None
        with clock.frozen(at):
            return cases.open_case(
                case_type, what or topic, by_id=None, fields=fields, links=links, channel=way,
                due_at=due, **more,
            ).number  # fmt: skip

    return tell


def ticket(phone="13900000000", number="12345-1", minutes_ago=60, topic="frozen_meter"):
    at = NOW - timedelta(minutes=minutes_ago)
    with clock.frozen(at):
        return hotline.take_city_ticket(
            number,
            {"received_at": at, "due_at": at + timedelta(days=2), "caller_name": "张1",
             "caller_number": phone, "address": "光明小区1号楼", "text": "水表冻裂"},
            topic_code=topic, by_id=None,
        )  # fmt: skip


class TestFigures:
    def test_count_each_way_apart_so_that_they_add_up(self, wave, tell, ring):
        ring("frozen_meter", "A101", minutes_ago=100)
        tell(way="chat_group", estate="XQ-1")
        tell(way="counter", estate="XQ-2")
        tell("防冻保温", "wechat", case_type="hotline.enquiry")
        tell(way="visit", estate="XQ-3")
        tell(way="phone")
        tell(way="")
        ticket()
        tell(way="code", case_type=customer_contracts.BOARD_REPORT_CASE, what="三号楼没水了")

        found = facade.figures(wave)

        ways = {code: found[figure] for code, figure in rules.WAYS.items()}
        assert set(ways.values()) == {1}
        assert found["otherwise"] == sum(ways.values()) == 8
        # All but the enquiry; words of a topic say that the board's report is a repair.
        assert found["otherwise_repairs"] == 7
        assert (found["calls"], found["repairs"]) == (1, 1)

    def test_do_not_count_a_case_twice_that_a_call_made(self, wave, ring):
        ring("frozen_meter", "A101")

        found = facade.figures(wave)

        assert (found["calls"], found["cases"], found["otherwise"]) == (1, 1, 0)

    def test_count_repairs_of_all_ways_once_with_their_estates(self, wave, tell, ring):
        call = ring("frozen_meter", "A101", minutes_ago=100)
        tell(way="counter", estate="XQ-2")
        original = hotline.call(call).case_number
        tell(way="chat_group", estate="XQ-1", duplicate_of=original)

        made = Gathered(queries.surge(wave), NOW)
        found = figures.figures(made).values

        assert (found["cases"], found["cases_open"], found["estates"]) == (2, 2, 2)
        assert found["otherwise"] == 2
        rows = {one["estate"]: (one["calls"], one["otherwise"], one["open"])
                for one in figures.by_estate(made)}  # fmt: skip
        assert rows == {"XQ-1": (1, 1, 1), "XQ-2": (0, 1, 1)}

    def test_take_the_repair_of_a_ticket_for_the_same_word(self, wave, tell):
        of_city = ticket(phone="13800000001")
        repair = tell(way="city_line", estate="XQ-1", minutes_ago=50, caused_by=of_city)

        made = Gathered(queries.surge(wave), NOW)

        assert [(one.number, one.case_number) for one in made.otherwise] == [(of_city, repair)]
        assert [one.number for one in made.cases] == [repair]

    def test_leave_out_other_places_other_topics_and_other_times(self, town, people, tell):
        tell(estate="XQ-2")
        tell("水压低", estate="XQ-1")
        tell(estate="XQ-1", minutes_ago=400)
        mine = tell(estate="XQ-1")
        unsorted = tell("", estate="XQ-1", what="家里有事")
        code = facade.declare(
            name="一处", kind="cold", from_at=BEGAN, estates=["XQ-1"], topics=["frozen_meter"],
            by_id=people["manager"].pk,
        )  # fmt: skip

        made = figures.figures(Gathered(queries.surge(code), NOW))

        assert made.keys["otherwise"] == [f"intake:{mine}"]
        assert made.keys["otherwise_unsorted"] == [f"intake:{unsorted}"]

    def test_count_a_past_moment_as_it_stood_then(self, wave, tell):
        moment = NOW - timedelta(minutes=30)
        before = facade.figures(wave, moment)
        tell(way="counter", minutes_ago=10, opened_at=NOW - timedelta(minutes=60))

        assert facade.figures(wave, moment) == before
        assert facade.figures(wave)["by_counter"] == 1

    @pytest.mark.parametrize("n", [2, 12])
    def test_cost_as_many_questions_for_few_as_for_many(
        self, wave, tell, n, django_assert_num_queries
    ):
        for number in range(n):
            tell(account=f"A{number % 3 + 1}0{number % 4 + 1}", minutes_ago=100 - number)
            ticket(number=f"12345-{number}")

        with django_assert_num_queries(QUESTIONS):
            figures.figures(Gathered(queries.surge(wave), NOW))


QUESTIONS = 27


class TestHit:
    def test_is_who_told_by_chat_too(self, wave, tell):
        tell(way="chat_group", account="A101", estate="XQ-1")

        at_risk = facade.compare(wave).at_risk

        assert (at_risk.others, at_risk.warned.hit) == (contracts.Side(4, 1), 0)

    def test_by_whom_the_city_told_is_known_by_their_number(self, wave):
        ticket(phone="13800000001")

        assert facade.compare(wave).at_risk.others.hit == 1

    def test_counts_once_however_many_ways(self, wave, tell, ring):
        ring("frozen_meter", "A101", minutes_ago=100)
        tell(way="counter", account="A101", minutes_ago=50)

        assert facade.compare(wave).at_risk.others.hit == 1

    def test_before_the_telling_is_not_warned(self, wave, tell, people):
        tell(way="counter", account="A101", minutes_ago=50)
        facade.mark_warned("frost", ["A101"], how="visit", by_id=people["manager"].pk,
                           at=NOW - timedelta(minutes=40))  # fmt: skip

        assert facade.compare(wave).at_risk.others == contracts.Side(4, 1)


class TestPages:
    def test_show_each_way_on_the_wall(self, wave, tell, browser, people):
        tell(way="counter", estate="XQ-1")
        page = browser(people["manager"]).get(reverse("surge:wall", args=[wave]))

        assert "Counter <b>1</b>" in page.content.decode()

    def test_list_what_came_as_the_report_kept_it(self, wave, tell, browser, people):
        number = tell(way="counter", estate="XQ-1")
        report = facade.report(wave, by_id=people["manager"].pk)
        tell(way="counter", estate="XQ-1", minutes_ago=5)

        client = browser(people["manager"])
        asked = {"report": report.number, "figure": "by_counter"}
        page = client.get(reverse("surge:report-figure"), asked).content.decode()

        assert report.figures["by_counter"] == 1
        assert page.count(reverse("cases:case", args=[number])) >= 1
        assert "Frozen meter or pipe" in page
        assert "Counter" in page

    def test_open_a_report_of_before_without_these_figures(self, wave, ring, browser, people):
        ring("frozen_meter", "A101")
        number = facade.report(wave, by_id=people["manager"].pk).number
        row = models.SurgeReport.objects.get(number=number)
        new = {"otherwise", "otherwise_repairs", "otherwise_unsorted", *rules.WAYS.values()}
        for code in new:
            del row.figures[code], row.keys[code]
        for one in row.more["estates"]:
            del one["otherwise"]
        row.version = 2
        row.save()

        client = browser(people["manager"])
        address = reverse("surge:report", args=[number])

        assert client.get(address).status_code == 200
        assert b"".join(client.get(address, {"format": "xlsx"}).streaming_content)
        asked = {"report": number, "figure": "by_counter"}
        assert client.get(reverse("surge:report-figure"), asked).status_code == 200

    def test_keep_no_text_and_no_name_in_the_snapshot(self, wave, tell):
        number = tell(way="counter", account="A101", estate="XQ-1", what="张某家 13800000001")
        kept = snapshots.rows(Gathered(queries.surge(wave), NOW))

        assert set(kept[f"intake:{number}"]) == {"at", "about", "estate", "state", "case", "way"}
