"""Tables of accounts, estates and grids, as offices keep them."""

from __future__ import annotations

import io
from datetime import date

import pytest
from django.utils import translation

from huoshui.areas.customers import actions, facade
from huoshui.areas.customers.contracts import CareReason
from huoshui.areas.customers.models import Account, Estate, Grid
from huoshui.kernel.accounts import actions as people
from huoshui.kernel.intake import kinds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("town")]
HEAD = "户号,户名,联系电话,用水地址,水表号,止码,欠费\n"


@pytest.fixture
def table(tmp_path):
    def written(text):
        path = tmp_path / "table.csv"
        path.write_text(text, "utf-8")
        return path

    return written


def bring(kind, path, *, write=True):
    found = kinds.KINDS[kind]
    if write:
        return found.carry_out(path, "table.csv", {}, None)
    return found.check(path, "table.csv", {})


class TestAccounts:
    def test_finds_the_parts_of_an_address_in_words(self, table):
        path = table(HEAD + "B1,钱七,13712345678,光明小区8号楼1单元302室,X1,12,35.6\n")

        outcome = bring("accounts", path)

        assert outcome.created == 1
        row = Account.objects.select_related("premises__building").get(code="B1")
        assert (row.premises.path, row.balance_cents) == ("8-1-302", 3560)
        assert row.premises.address == "光明小区8号楼1单元302室"
        assert [one.account_code for one in facade.find("gmxq 8 302")] == ["B1"]

    def test_reads_a_street_and_its_number(self, table):
        bring("accounts", table(HEAD + "B2,第二实验小学,,历下区文化西路12号,X2,,\n"))

        assert [one.account_code for one in facade.find("文化西路12号")] == ["B2"]

    def test_checking_changes_nothing(self, table):
        outcome = bring("accounts", table(HEAD + "B3,孙八,,光明小区9-1-101,X3,,\n"), write=False)

        assert outcome.created == 1
        assert not Account.objects.filter(code="B3").exists()

    def test_a_second_import_shows_the_difference_masked(self, table):
        path = table(HEAD + "A1002,王建华,,,M100002,88,\n")

        outcome = bring("accounts", path, write=False)

        said = {(str(one.what), one.before, one.after) for one in outcome.differences}
        with translation.override("en"):
            names = {after for _what, _before, after in said}
        assert outcome.changed == 1
        assert "王*华" in names
        assert "王建华" not in names

    def test_the_same_table_again_changes_nothing(self, table):
        path = table(HEAD + "B4,吴九,13712345679,光明小区7号楼1单元101室,X4,5,1.5\n")
        bring("accounts", path)

        again = bring("accounts", path)

        assert (again.created, again.changed, again.unchanged) == (0, 0, 1)

    def test_says_which_rows_cannot_be_taken(self, table):
        path = table(
            HEAD + "B5,甲,,某处,M100001,,\n"  # meter of A1001
            "B6,乙,,某处,X6,-3,\n"  # below zero
            "B6,丙,,某处,X7,,\n"
            "B7,丁,,某处,X7,,\n"
            "B8,丁,,某处,X8,,\n"
            "B8,丁,,某处,X9,,\n"  # twice
            ",戊,,某处,X9,,\n"  # no number
        )

        outcome = bring("accounts", path)

        assert set(outcome.problems.counts) >= {
            "customers.meter_of_another", "customers.reading_negative", "customers.code_twice",
            "customers.meter_twice",
        }  # fmt: skip
        assert not Account.objects.filter(code="B5").exists()

    def test_nobody_in_special_care_is_cut_off_by_a_table(self, table):
        """Before, a row could say 停水 of somebody whom nobody had visited."""
        actions.begin_care("A1003", reason=CareReason.ELDERLY, consent_date=date(2020, 1, 2),
                           consent_by="女儿", by_id=None)  # fmt: skip
        path = table("户号,状态,性质\nA1003,cut_off,居民\nA1001,cut_off,居民\n")

        outcome = bring("accounts", path)

        assert "customers.care_needs_visit" in outcome.problems.counts
        kept = dict(Account.objects.filter(tariff="居民").values_list("code", "state"))
        assert kept == {"A1003": "active", "A1001": "cut_off"}
        actions.visit("A1003", by_id=None)
        bring("accounts", path)
        assert Account.objects.get(code="A1003").state == "cut_off"

    def test_has_a_template_that_imports_as_nothing(self, tmp_path):
        for kind in ("accounts", "estates", "grids"):
            out = io.BytesIO()
            kinds.KINDS[kind].template(out)
            path = tmp_path / f"{kind}.xlsx"
            path.write_bytes(out.getvalue())

            outcome = kinds.KINDS[kind].check(path, path.name, {})

            assert (outcome.created, outcome.problems.total) == (0, 0)


class TestEstates:
    def test_are_made_and_found_by_their_new_name(self, table):
        path = table("小区编号,小区名称,户数\nXQ-09,曾家岭小区,300\nXQ-01,光明东区,\n")

        outcome = bring("estates", path)

        assert (outcome.created, outcome.changed) == (1, 1)
        assert Estate.objects.get(code="XQ-09").households == 300
        assert [one.account_code for one in facade.find("gmdq 3-2-501")] == ["A1001"]

    def test_says_what_is_wrong(self, table):
        path = table(
            "小区编号,小区名称,经度,纬度,网格\nXQ-10,,,,\nXQ-11,甲,36,117,\nXQ-12,乙,,,WG-9\n"
        )

        outcome = bring("estates", path)

        assert set(outcome.problems.counts) == {
            "customers.name_missing", "customers.place_impossible", "customers.grid_unknown",
        }  # fmt: skip


class TestGrids:
    def test_know_their_people_by_user_name_or_name(self, table):
        people.add_user("zheng", "郑丽", posts=("grid_specialist",))
        path = table(
            "网格编号,网格名称,网格员\nWG-1,东一,zheng\nWG-2,东二,郑丽\nWG-3,东三,无此人\n"
        )

        outcome = bring("grids", path)

        assert outcome.created == 3
        assert Grid.objects.filter(specialist__username="zheng").count() == 2
        assert outcome.problems.counts["customers.person_unknown"] == 1
