"""Tickets of the city's line: brought in by file, with their own numbers and deadlines."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huoshui.areas.hotline import models, tickets_in
from huoshui.kernel import cases, clock
from huoshui.kernel.cases.models import CaseLink
from huoshui.kernel.intake import kinds

pytestmark = pytest.mark.django_db
HEAD = "工单编号,受理时间,办结时限,来电人,来电号码,地址,诉求内容,诉求类别\n"


@pytest.fixture
def bring(agent, tmp_path):
    """Bring in rows of a file; returns what came of it."""

    def bring(*rows):
        path = tmp_path / "tickets.csv"
        path.write_text(HEAD + "\n".join(rows) + "\n", encoding="utf-8")
        return tickets_in.carry_out(path, "tickets.csv", {}, agent.pk)

    return bring


def wall(hours):
    return clock.local(clock.now() + timedelta(hours=hours)).replace(second=0, microsecond=0)


def row(number="S-1", since=-2, due=48, phone="13812345678", topic="无水", name="王建国"):
    form = "%Y-%m-%d %H:%M"
    return f"{number},{wall(since):{form}},{wall(due):{form}},{name},{phone},银座花园,停水,{topic}"


class TestImport:
    def test_opens_a_case_with_the_deadline_of_the_city(self, bring):
        outcome = bring(row())

        ticket = models.CityTicket.objects.get()
        assert (outcome.created, ticket.topic.code) == (1, "no_water")
        assert cases.case(ticket.case_number).deadline_at == ticket.due_at == wall(48)

    @pytest.mark.parametrize(("accounts", "known"), [(1, True), (2, False)])
    def test_knows_the_account_where_the_number_has_one_only(
        self, bring, tmp_path, accounts, known
    ):
        path = tmp_path / "accounts.csv"
        rows = "".join(f"A{n},王建国,13812345678,银座花园{n}号楼\n" for n in range(1, accounts + 1))
        path.write_text(f"户号,户名,电话,地址\n{rows}", "utf-8")
        kinds.KINDS["accounts"].carry_out(path, path.name, {}, None)

        bring(row())

        number = models.CityTicket.objects.get().case_number
        links = CaseLink.objects.filter(case__number=number, kind="customers.account")
        assert list(links.values_list("code", flat=True)) == (["A1"] if known else [])

    def test_keeps_the_same_file_twice_as_one_ticket(self, bring):
        bring(row())

        outcome = bring(row())

        assert (outcome.created, outcome.changed, outcome.unchanged) == (0, 0, 1)
        assert models.CityTicket.objects.count() == 1

    def test_keeps_the_first_of_two_rows_of_one_ticket_and_names_the_other(self, bring):
        outcome = bring(row(), row(due=72))

        assert [one.code for one in outcome.problems] == ["hotline.ticket_twice"]
        assert models.CityTicket.objects.get().due_at == wall(48)

    def test_moves_the_deadline_of_the_case_with_the_ticket(self, bring):
        bring(row())

        bring(row(due=96))

        ticket = models.CityTicket.objects.get()
        assert cases.case(ticket.case_number).deadline_at == wall(96)

    def test_leaves_out_what_is_due_before_it_came_in_and_takes_the_rest(self, bring):
        outcome = bring(row("S-1", since=-2, due=-3), row("S-2"))

        assert [one.code for one in outcome.problems] == ["hotline.ticket_due_first"]
        assert (outcome.created, outcome.left_out) == (1, 1)

    def test_shows_what_changed_of_who_called_in_masks(self, bring):
        bring(row())

        outcome = bring(row(phone="13998765432", name="李小明"))

        said = repr(outcome)
        assert outcome.changed == 1
        for secret in ("13812345678", "13998765432", "王建国", "李小明"):
            assert secret not in said
