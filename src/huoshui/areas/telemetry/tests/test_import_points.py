"""Points from a list: the template, the second import, and rows that cannot be."""

from __future__ import annotations

import io

import pytest

from huoshui.areas.telemetry import facade, models
from huoshui.areas.telemetry.importing import points

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(tmp_path):
    def write(text, name="points.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def bring(path):
    return points.carry_out(path, path.name, {}, None)


class TestPoints:
    def test_are_declared_from_chinese_headings_and_words(self, file, zone):
        outcome = bring(file("编号,名称,类型,分区,低限,高限\nP1.pressure,东门,压力,A,20,60\n"))

        [point] = facade.points()
        assert not outcome.problems.total
        assert (point.code, point.kind, point.zone_code) == ("P1.pressure", "pressure", "A")
        assert (point.limit_low, point.limit_high) == (20.0, 60.0)

    def test_a_second_import_shows_the_difference_and_keeps_what_is_left_empty(self, file):
        bring(file("code,name,kind,limit_low,limit_high\nP1,Gate,pressure,20,60\n"))

        again = file("code,kind,limit_low,limit_high\nP1,pressure,25,\n")
        outcome = points.check(again, again.name, {})

        assert [(d.subject, d.before, d.after) for d in outcome.differences] == [
            ("P1", "20.0", "25.0")
        ]
        assert bring(again).changed == 1
        assert facade.point("P1").limit_high == 60.0
        assert bring(again).unchanged == 1

    def test_good_rows_go_in_and_bad_ones_are_listed(self, file):
        outcome = bring(
            file("code,kind,limit_low,limit_high,zone_code\nP1,pressure,20,60,\n"
                 "P2,warmth,,,\nP3,flow,9,3,\nP4,flow,,,nowhere\nP5,flow,,,\nP5,flow,,,\n,flow,,,\n")
        )  # fmt: skip

        assert [point.code for point in facade.points()] == ["P1"]
        assert [(p.line, p.code) for p in outcome.problems] == [
            (3, "intake.cell_unreadable"),
            (8, "intake.cell_empty"),
            (4, "telemetry.point_limits_order"),
            (5, "telemetry.point_zone_code"),
            (6, "telemetry.point_declared_twice"),
            (7, "telemetry.point_declared_twice"),
        ]
        assert outcome.left_out == 6

    def test_a_known_point_never_changes_its_kind(self, file):
        bring(file("code,kind\nP1,pressure\n"))

        outcome = bring(file("code,kind\nP1,flow\n"))

        assert set(outcome.problems.counts) == {"telemetry.point_kind_changed"}
        assert models.Point.objects.get().kind == "pressure"

    def test_a_needed_column_that_is_missing_stops_the_import(self, file):
        outcome = bring(file("code,colour\nP1,red\n"))

        assert outcome.problems.fatal
        assert set(outcome.problems.counts) == {"intake.column_missing", "intake.column_unknown"}


class TestTemplate:
    @pytest.mark.parametrize("language", ["zh-hans", "en"])
    def test_is_understood_whole_and_its_examples_are_passed_over(self, tmp_path, language):
        from django.utils import translation

        out = io.BytesIO()
        with translation.override(language):
            points.template(out)
        path = tmp_path / "template.xlsx"
        path.write_bytes(out.getvalue())

        outcome = bring(path)

        assert not outcome.problems.total
        assert not facade.points()
