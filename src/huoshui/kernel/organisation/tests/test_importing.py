"""The organisation from a table: in any order, twice, and what is refused."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import pytest

from huoshui.kernel.accounts import actions as accounts
from huoshui.kernel.audit.models import AuditRecord
from huoshui.kernel.intake import kinds
from huoshui.kernel.organisation import actions, importing, tree
from huoshui.kernel.organisation.models import Unit, UnitPeriod

pytestmark = pytest.mark.django_db

HEAD = "code,above,kind,name_zh,name_en,from_date,until_date\n"
# A part stands before what it belongs to, on purpose.
CITY = HEAD + (
    "east-1,east,班组,东一班,,2020-01-01,\n"
    "group,,group,水务集团,Water Group,2015-01-01,\n"
    "east,group,branch,城东分公司,East,2018-01-01,\n"
)


@pytest.fixture
def bring(tmp_path: Path):
    def brought(text: str, *, write: bool = True) -> kinds.Outcome:
        path = tmp_path / "units.csv"
        path.write_text(text, "utf-8")
        if write:
            return importing.carry_out(path, path.name, {}, None)
        return importing.check(path, path.name, {})

    return brought


def counts(outcome: kinds.Outcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.changed, outcome.unchanged, outcome.left_out


def said(outcome: kinds.Outcome) -> list[tuple[str, int | None]]:
    return [(one.code, one.line) for one in outcome.problems]


class TestImport:
    def test_takes_rows_in_any_order_and_words_of_either_language(self, bring):
        outcome = bring(CITY)

        assert counts(outcome) == (3, 0, 0, 0)
        drawn = [f"{'-' * depth}{node.code}" for depth, node in tree.on(date(2021, 1, 1)).walk()]
        assert drawn == ["group", "-east", "--east-1"]
        assert UnitPeriod.objects.get(unit__code="east-1").kind == "team"
        assert AuditRecord.objects.filter(action="organisation.unit_added").count() == 3

    def test_a_second_time_changes_nothing(self, bring):
        bring(CITY)

        assert counts(bring(CITY)) == (0, 0, 3, 0)
        assert UnitPeriod.objects.count() == 3

    def test_checking_changes_nothing_and_says_what_would_come(self, bring):
        outcome = bring(CITY, write=False)

        assert counts(outcome) == (3, 0, 0, 0)
        assert not Unit.objects.exists()
        assert not AuditRecord.objects.filter(action="organisation.unit_added").exists()

    def test_updates_from_the_day_of_the_row_and_keeps_what_was_before(self, bring):
        bring(CITY)
        outcome = bring(
            HEAD
            + "east,group,branch,东部公司,,2022-01-01,\neast-1,group,team,东一班,,2022-01-01,\n"
        )

        assert counts(outcome) == (0, 2, 0, 0)
        assert [(one.subject, one.before, one.after) for one in outcome.differences] == [
            ("east", "城东分公司", "东部公司"),
            ("east-1", "east", "group"),
        ]
        east = Unit.objects.get(code="east")
        assert tree.on(date(2021, 12, 31)).name_of(east.pk) in {"城东分公司", "East"}
        period = UnitPeriod.objects.get(unit=east, until_date=None)
        assert (period.name_zh, period.name_en) == ("东部公司", "East")

    def test_closes_units_the_parts_first(self, bring):
        bring(CITY)
        text = HEAD + (
            "east,group,branch,城东分公司,East,2018-01-01,2023-01-01\n"
            "east-1,east,team,东一班,,2020-01-01,2023-01-01\n"
        )
        outcome = bring(text)

        assert counts(outcome) == (0, 2, 0, 0)
        assert said(outcome) == []
        assert [node.code for _d, node in tree.on(date(2023, 1, 1)).walk()] == ["group"]
        assert counts(bring(text)) == (0, 0, 2, 0)

    def test_leaves_out_what_cannot_be_and_says_in_which_line(self, bring):
        outcome = bring(
            HEAD
            + "a,b,team,甲,,2020-01-01,\n"
            + "b,a,team,乙,,2020-01-01,\n"
            + "c,nowhere,team,丙,,2020-01-01,\n"
            + "d,,team,丁,,2020-01-01,\n"
            + "d,,team,丁,,2020-01-01,\n"
            + "e,,team,,,2020-01-01,\n"
            + "f,d,team,己,,2019-01-01,\n"
        )

        assert counts(outcome) == (1, 0, 0, 6)
        assert sorted(said(outcome)) == [
            ("intake.cell_empty", 7),
            ("organisation.above_unknown", 4),
            ("organisation.not_open_then", 8),
            ("organisation.row_twice", 6),
            ("organisation.rows_in_a_circle", 2),
            ("organisation.rows_in_a_circle", 3),
        ]

    def test_does_not_close_who_still_has_people(self, bring):
        bring(CITY)
        user, _password = accounts.add_user("wang", "Wang")
        actions.place_user(user, Unit.objects.get(code="east-1"), from_date=date(2020, 1, 1))
        outcome = bring(HEAD + "east-1,east,team,东一班,,2020-01-01,2023-01-01\n")

        assert said(outcome) == [("organisation.still_in_use", 2)]

    def test_reads_its_own_template(self, bring, tmp_path):
        out = io.BytesIO()
        importing.template(out)
        path = tmp_path / "template.xlsx"
        path.write_bytes(out.getvalue())

        outcome = importing.check(path, path.name, {})
        assert (counts(outcome), said(outcome)) == ((0, 0, 0, 0), [])

    def test_is_offered_to_who_manages_the_organisation_only(self, client):
        boss, _password = accounts.add_user("boss", "Boss", posts=("administrator",))
        client.force_login(boss)
        assert "/imports/new/organisation/" in client.get("/system/organisation/").content.decode()
        assert client.get("/imports/template/organisation/").status_code == 200
        client.force_login(accounts.add_user("li", "Li", posts=("manager",))[0])
        assert client.get("/imports/new/organisation/").status_code == 403
