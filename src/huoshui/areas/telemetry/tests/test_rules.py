"""Rules as data: which counts for which point, limits with approval, files, trials, formulas."""

from __future__ import annotations

import dataclasses
import io
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import (
    actions,
    contracts,
    facade,
    keeping,
    models,
    queries_rules,
    refusals,
    trying,
)
from huoshui.areas.telemetry.importing import rules as files
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import HOUR, MINUTE, NOON
from huoshui.kernel import clock
from huoshui.kernel.audit.models import AuditRecord

pytestmark = pytest.mark.django_db

POINT = contracts.PointDeclaration(
    "n1.pressure", "At n1", "n1 压力", "pressure", range_min=0.0, range_max=100.0
)
RULE: dict[str, Any] = {
    "code": "low", "name_en": "Low", "name_zh": "低", "kind": "limit_low", "state": "live",
    "point_kind": "pressure", "priority": "high", "threshold": 25.0, "may_set_min": 20.0,
    "may_set_max": 30.0,
}  # fmt: skip


@pytest.fixture
def city(home: object) -> dict[str, int]:
    """Return the points: one in zone A1 inside A, one with a limit of its own, a flow."""
    network.assign_zones(
        [
            network_contracts.ZoneDeclaration(code="A", name="A"),
            network_contracts.ZoneDeclaration(code="A1", name="A1", parent="A"),
        ],
        by_id=None,
    )
    facade.declare_points(
        [
            dataclasses.replace(POINT, zone_code="A1"),
            dataclasses.replace(POINT, code="n2.pressure", limit_low=15.0, delay_s=60),
            contracts.PointDeclaration("p1.flow", "Flow", "流量", "flow"),
        ],
        by_id=None,
    )
    return facade.point_ids()


@pytest.fixture
def other(db: None) -> SimpleNamespace:
    from django.contrib.auth import get_user_model

    made = get_user_model().objects.create(
        username="li", name="李工", created_at=contracts.from_us(NOON)
    )
    return SimpleNamespace(id=made.pk)


def in_force(code: str) -> dict[str, float]:
    number = facade.point_ids()[code]
    return {
        one.key: one.threshold for one in queries_rules.watched_rules() if one.point_id == number
    }


class TestWhichRuleCounts:
    def test_the_narrowest_and_the_point_s_own_limit_before_any_threshold(
        self, city, person
    ) -> None:
        actions.save_rule(RULE, person.id)
        assert in_force("n1.pressure") == {"limit_low": 25.0}
        assert in_force("n2.pressure") == {"limit_low": 15.0}
        assert in_force("p1.flow") == {}
        actions.save_rule({**RULE, "code": "zone", "zone_id": "A", "threshold": 28.0}, person.id)
        assert in_force("n1.pressure") == {"limit_low": 28.0}
        actions.save_rule({**RULE, "code": "inner", "zone_id": "A1", "threshold": 29.0}, person.id)
        assert in_force("n1.pressure") == {"limit_low": 29.0}
        own = {"code": "one", "point_kind": "", "point_id": city["n1.pressure"], "threshold": 22.0}
        actions.save_rule({**RULE, **own}, person.id)

        assert in_force("n1.pressure") == {"limit_low": 22.0}

    def test_drafts_and_retired_ones_do_not_watch(self, city, person) -> None:
        actions.save_rule({**RULE, "state": "draft"}, person.id)
        assert in_force("n1.pressure") == {}
        actions.set_rule_state("low", "live", person.id)
        assert in_force("n1.pressure") == {"limit_low": 25.0}
        actions.set_rule_state("low", "retired", person.id)

        assert in_force("n1.pressure") == {}

    def test_without_a_threshold_it_lends_its_delays_to_limits_that_are_there(
        self, city, person
    ) -> None:
        actions.save_rule({**RULE, "threshold": None, "on_delay_s": 300}, person.id)
        (one,) = queries_rules.watched_rules()

        assert (one.point_id, one.threshold) == (city["n2.pressure"], 15.0)
        assert one.on_delay_us == 5 * MINUTE


class TestSaveRule:
    # A change of the sound rule, and the field and code of what is wrong with it.
    @pytest.mark.parametrize(
        ("changes", "faults"),
        [
            ({"code": "Bad Code"}, [("code", "code")]),
            ({"name_zh": " "}, [("name_zh", "missing")]),
            ({"kind": "colour"}, [("kind", "unknown")]),
            ({"priority": "x"}, [("priority", "unknown")]),
            ({"point_kind": ""}, [("point_kind", "missing")]),
            ({"kind": "rate", "threshold": 5.0}, [("window_s", "missing")]),
            ({"kind": "no_data", "threshold": None}, [("threshold", "missing")]),
            ({"kind": "rate", "threshold": 0.0, "window_s": 60}, [("threshold", "not_positive")]),
            ({"threshold": float("inf")}, [("threshold", "not_a_number")]),
            ({"dead_band": -1.0}, [("dead_band", "negative")]),
            ({"on_delay_s": 72 * 3600}, [("on_delay_s", "too_long")]),
            ({"repeat_every_s": 10}, [("repeat_every_s", "too_short")]),
            ({"may_set_max": 10.0}, [("may_set_max", "backwards")]),
            ({"escalate_after_s": 60}, [("escalate_to", "missing")]),
            ({"suppress_while": "{nowhere} > 1"}, [("suppress_while", "formula_point")]),
            ({"suppress_while": "{n1.pressure"}, [("suppress_while", "formula_brackets")]),
            ({"kind": "expression", "expression": "1 > 0"},
             [("point", "missing"), ("expression", "formula_no_point")]),
        ],
    )  # fmt: skip
    def test_lists_everything_that_is_wrong_and_keeps_nothing(
        self, city, person, changes: dict[str, Any], faults: list[tuple[str, str]]
    ) -> None:
        with pytest.raises(refusals.RuleNotUsable) as refused:
            actions.save_rule({**RULE, **changes}, person.id)

        found = [(one["field"], one["code"]) for one in refused.value.data["faults"]]
        assert found == faults
        assert models.AlarmRule.objects.count() == 0

    def test_saving_the_same_again_changes_nothing(self, city, person) -> None:
        first = actions.save_rule(RULE, person.id)
        again = actions.save_rule(RULE, person.id)

        assert again.changed_at == first.changed_at
        assert AuditRecord.objects.filter(action__startswith="telemetry.rule_").count() == 1


class TestLimits:
    def ask(self, person: SimpleNamespace, value: float | None, **where: str) -> models.LimitChange:
        return actions.ask_limit(value=value, reason="summer", by_id=person.id, **where)

    def test_inside_the_range_count_at_once_and_are_kept(self, city, person) -> None:
        actions.save_rule(RULE, person.id)
        change = self.ask(person, 27.0, rule_code="low")

        assert (change.state, change.before, change.after) == ("applied", 25.0, 27.0)
        assert in_force("n1.pressure") == {"limit_low": 27.0}
        assert [row.reason for row in queries_rules.limit_history(rule_id=change.rule_id)] == [
            "summer"
        ]

    def test_beyond_it_wait_for_another_person(self, city, person, other) -> None:
        actions.save_rule(RULE, person.id)
        change = self.ask(person, 35.0, rule_code="low")
        assert in_force("n1.pressure") == {"limit_low": 25.0}
        with pytest.raises(refusals.OwnChange):
            actions.decide_limit(change.pk, approve=True, by_id=person.id)
        actions.decide_limit(change.pk, approve=True, by_id=other.id)
        assert in_force("n1.pressure") == {"limit_low": 35.0}
        with pytest.raises(refusals.ChangeDecided):
            actions.decide_limit(change.pk, approve=False, by_id=other.id)

    def test_turned_down_change_nothing(self, city, person, other) -> None:
        actions.save_rule(RULE, person.id)
        change = self.ask(person, 35.0, rule_code="low")
        actions.decide_limit(change.pk, approve=False, by_id=other.id)

        assert in_force("n1.pressure") == {"limit_low": 25.0}

    def test_of_a_point_are_asked_likewise(self, city, person, other) -> None:
        where = {"point_code": "n2.pressure", "side": "limit_low"}
        assert self.ask(person, 16.0, **where).state == "waiting"
        actions.save_rule({**RULE, "threshold": None}, person.id)
        assert self.ask(person, 21.0, **where).state == "applied"
        assert facade.point("n2.pressure").limit_low == 21.0
        assert self.ask(person, None, **where).state == "waiting"

    def test_that_do_not_fit_are_refused(self, city, person) -> None:
        with pytest.raises(refusals.LimitNotUsable):
            self.ask(person, 200.0, point_code="n2.pressure", side="limit_low")
        with pytest.raises(refusals.ReasonMissing):
            actions.ask_limit(
                value=1.0, reason=" ", by_id=person.id, point_code="n2.pressure", side="limit_low"
            )


class TestFiles:
    def write(self, path: Path) -> None:
        rows = models.AlarmRule.objects.select_related("point", "reference").order_by("code")
        if path.suffix == ".toml":
            path.write_text(files.as_toml(rows), encoding="utf-8")
        else:
            target = io.BytesIO()
            files.write_excel(target, rows)
            path.write_bytes(target.getvalue())

    @pytest.mark.parametrize("suffix", [".toml", ".xlsx"])
    def test_go_out_and_come_back_the_same(self, city, person, tmp_path, suffix) -> None:
        actions.save_rule({**RULE, "zone_id": "A", "is_latched": True}, person.id)
        actions.save_rule(
            {**RULE, "code": "pair", "kind": "deviation", "point_kind": "", "threshold": 3.0,
             "point_id": city["n1.pressure"], "reference_id": city["n2.pressure"],
             "has_sound": False, "message_zh": "两点相差过大"},
            person.id,
        )  # fmt: skip
        before = [row.facts() for row in models.AlarmRule.objects.all()]
        path = tmp_path / f"rules{suffix}"
        self.write(path)
        same = files.check(path, path.name, {})
        assert (same.created, same.changed, same.unchanged) == (0, 0, 2), same.as_json()
        models.AlarmRule.objects.all().delete()
        made = files.carry_out(path, path.name, {}, person.id)

        assert (made.created, made.left_out) == (2, 0)
        assert [row.facts() for row in models.AlarmRule.objects.all()] == before

    def test_show_the_difference_before_it_counts(self, city, person, tmp_path) -> None:
        actions.save_rule(RULE, person.id)
        path = tmp_path / "rules.toml"
        self.write(path)
        path.write_text(path.read_text().replace("threshold = 25.0", "threshold = 26.5"))
        outcome = files.check(path, path.name, {})

        assert [(one.subject, one.before, one.after) for one in outcome.differences] == [
            ("low", "25.0", "26.5")
        ]
        assert in_force("n1.pressure") == {"limit_low": 25.0}

    @pytest.mark.parametrize(
        ("text", "fatal", "left_out"),
        [
            ("this is = = not", True, 0),
            ("x = 1", True, 0),
            ("[rule]\nlow = 3", False, 1),
            ('[rule.low]\nkind = "limit_low"', False, 1),
            ("[rule.low]\ncolour = 1", False, 1),
            ('[rule.low]\nthreshold = "much"', False, 1),
            ("[rule.low]\non_delay_s = 99999999999999999999", False, 1),
            ('[rule.low]\nname_en="a"\nname_zh="b"\nkind="limit_low"\npoint="gone"', False, 1),
            ("\x00\xff", True, 0),
        ],
    )
    def test_never_throw_and_name_what_is_wrong(
        self, city, person, tmp_path, text: str, fatal: bool, left_out: int
    ) -> None:
        path = tmp_path / "rules.toml"
        path.write_bytes(text.encode("latin-1"))
        outcome = files.carry_out(path, path.name, {}, person.id)

        assert (outcome.problems.fatal, outcome.left_out) == (fatal, left_out)
        assert outcome.problems.total > 0
        assert models.AlarmRule.objects.count() == 0


class TestTrial:
    def test_finds_what_the_engine_would_have_found(self, city, person) -> None:
        historian = keeping.open_historian()
        values = [30.0, 24.0, 24.0, 24.0, 30.0, 30.0, 20.0, 20.0, 20.0, 20.0]
        historian.accept(
            cast.batch(
                *((city["n1.pressure"], NOON - HOUR + n * MINUTE, v) for n, v in enumerate(values))
            )
        )
        historian.close()
        rule = actions.save_rule({**RULE, "state": "draft", "on_delay_s": 120}, person.id)
        start = contracts.from_us(NOON - HOUR)
        trial = trying.try_rule(rule, start, contracts.from_us(NOON))

        found = [
            ((one.from_at - start) // timedelta(minutes=1),
             None if one.until is None else (one.until - start) // timedelta(minutes=1))
            for one in trial.episodes
        ]  # fmt: skip
        assert found == [(3, 4), (8, None)]
        assert sum(count for _day, count in trial.per_day) == 2
        assert models.Alarm.objects.count() == 0

    def test_tells_apart_where_an_own_limit_comes_first(self, city, person) -> None:
        historian = keeping.open_historian()
        # n2 has its own limit of 15: below 25 the rule would call, below 15 its own limit does.
        values = [30.0, 24.0, 24.0, 30.0, 30.0, 12.0, 12.0, 12.0, 30.0, 30.0, 24.0, 24.0, 30.0]
        for point in ("n1.pressure", "n2.pressure"):
            historian.accept(
                cast.batch(
                    *((city[point], NOON - HOUR + n * MINUTE, v) for n, v in enumerate(values))
                )
            )
        historian.close()
        rule = actions.save_rule({**RULE, "state": "draft"}, person.id)
        trial = trying.try_rule(rule, contracts.from_us(NOON - HOUR), contracts.from_us(NOON))

        called = sorted(one.point_code for one in trial.episodes)
        assert called == ["n1.pressure", "n1.pressure", "n1.pressure", "n2.pressure"]
        assert trial.silent == (trying.Silent("n2.pressure", 15.0, "", 2),)

    def test_tells_apart_where_a_narrower_rule_comes_first(self, city, person) -> None:
        historian = keeping.open_historian()
        historian.accept(cast.batch((city["n1.pressure"], NOON - HOUR, 24.0)))
        historian.close()
        actions.save_rule({**RULE, "code": "near", "threshold": 22.0, "zone_id": "A"}, person.id)
        rule = actions.save_rule({**RULE, "state": "draft"}, person.id)
        trial = trying.try_rule(rule, contracts.from_us(NOON - HOUR), contracts.from_us(NOON))

        assert trial.episodes == ()
        assert trying.Silent("n1.pressure", None, "near", 1) in trial.silent

    def test_finds_silence(self, city, person) -> None:
        historian = keeping.open_historian()
        rows = [(city["n1.pressure"], NOON - 3 * HOUR + m * MINUTE, 30.0) for m in (0, 5, 60, 65)]
        historian.accept(cast.batch(*rows))
        # A device that answers without a value keeps silent, live as well.
        missing = (city["n1.pressure"], NOON - 3 * HOUR + 30 * MINUTE, 0.0)
        historian.accept(cast.batch(missing, quality=cast.MISSING))
        historian.close()
        own = {"kind": "no_data", "threshold": 1800.0, "point_kind": "", "zone_id": "A"}
        rule = actions.save_rule({**RULE, **own}, person.id)
        start = contracts.from_us(NOON - 3 * HOUR)
        trial = trying.try_rule(rule, start, contracts.from_us(NOON))

        minutes = [(one.from_at - start) // timedelta(minutes=1) for one in trial.episodes]
        # Half an hour after the readings at 5 and at 65 minutes.
        assert minutes == [35, 95]
        assert trial.episodes[1].until is None


def test_ingest_takes_over_a_rule_within_its_next_look(city, person) -> None:
    historian = keeping.open_historian()
    looks = keeping._Points(historian)
    looks.refresh()
    with clock.frozen(contracts.from_us(NOON)):
        actions.save_rule(RULE, person.id)
        looks.refresh()
        historian.accept(cast.batch((city["n1.pressure"], NOON, 24.0)))
    keeping.keep_alarms(historian)
    historian.close()

    alarm = models.Alarm.objects.get()
    assert alarm.alarm_rule is not None
    assert alarm.alarm_rule.code == "low"


def test_ingest_takes_over_that_a_zone_moved_under_another(city, person) -> None:
    """A1 leaves A: the rule of A is no longer that of its points, and comes back with it."""
    historian = keeping.open_historian()
    looks = keeping._Points(historian)
    actions.save_rule({**RULE, "zone_id": "A"}, person.id)
    looks.refresh()
    assert in_force("n1.pressure") == {"limit_low": 25.0}
    limits = []
    for parent in (None, "A"):
        network.assign_zones(
            [network_contracts.ZoneDeclaration(code="A1", name="A1", parent=parent)], by_id=None
        )
        looks.refresh()
        limits.append([one.threshold for one in historian._watch.rules])
    historian.close()

    assert limits == [[], [25.0]]
