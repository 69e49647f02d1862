"""Which rule counts for which point, and the rules as the engine needs them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Count, Max, Q

from huoshui.areas.network import facade as network
from huoshui.areas.telemetry import models, rules
from huoshui.areas.telemetry.conditions import WatchedRule
from huoshui.lab.series import expression

ONCE = (*rules.LIMIT_KINDS, "no_data")


def rules_mark() -> tuple[Any, ...]:
    """Return what changes whenever a rule, a formula or the zones of rules do: small questions."""
    found = models.AlarmRule.objects.aggregate(count=Count("id"), changed=Max("changed_at"))
    made = models.CalculatedPoint.objects.aggregate(count=Count("id"), changed=Max("changed_at"))
    zoned = models.AlarmRule.objects.live().filter(zone__isnull=False).exists()
    # A zone that moves under another one brings its points under the rules of that one.
    zones = tuple(network.zone_parents().items()) if zoned else ()
    return found["count"], found["changed"], made["count"], made["changed"], zones


def codes() -> list[str]:
    """Return the codes of all rules."""
    return list(models.AlarmRule.objects.values_list("code", flat=True))


def zone_lines() -> dict[str, tuple[str, ...]]:
    """Return each zone with its parents, from itself outwards."""
    parents = network.zone_parents()
    lines = {}
    for code in parents:
        line: list[str] = []
        step: str | None = code
        while step is not None and step not in line:
            line.append(step)
            step = parents.get(step)
        lines[code] = tuple(line)
    return lines


class Covering:
    """The rules in force for some points, the narrowest first."""

    def __init__(
        self, points: Sequence[models.Point], given: Iterable[models.AlarmRule] | None = None
    ) -> None:
        rows = models.AlarmRule.objects.live() if given is None else given
        self._of_point: dict[int, list[models.AlarmRule]] = {}
        self._of_class: dict[tuple[str, str | None], list[models.AlarmRule]] = {}
        for row in sorted(rows, key=lambda one: one.code):
            if row.point_id is not None:
                self._of_point.setdefault(row.point_id, []).append(row)
            else:
                self._of_class.setdefault((row.point_kind, row.zone_id), []).append(row)
        zoned = any(zone for _kind, zone in self._of_class)
        self._lines = zone_lines() if zoned else {}

    def of(self, point: models.Point) -> list[models.AlarmRule]:
        """Return the rules of a point: of those that count once, only the narrowest."""
        found: list[models.AlarmRule] = []
        taken: set[str] = set()
        for row in self._candidates(point):
            if row.kind in ONCE:
                if row.kind in taken:
                    continue
                taken.add(row.kind)
            found.append(row)
        return found

    def _candidates(self, point: models.Point) -> Iterable[models.AlarmRule]:
        yield from self._of_point.get(point.pk, ())
        zones = (*self._lines.get(point.zone_id or "", ()), None)
        for zone in zones:
            for kind in (point.kind, ""):
                yield from self._of_class.get((kind, zone), ())

    def rule_of(self, point: models.Point, kind: str, code: str = "") -> models.AlarmRule | None:
        """Return the rule behind a condition of a point; None where the point's own limit is all.

        A limit rule with a threshold covers points that declare no limit of their own; one without
        lends its delays and its priority to those that do.
        """
        for row in self.of(point):
            if row.kind == kind and (kind in ONCE or row.code == code):
                return row
        return None


def limit_in_force(point: models.Point, rule: models.AlarmRule | None, side: str) -> float | None:
    """Return the limit that counts: the point's own before the rule's."""
    own: float | None = getattr(point, side)
    return own if own is not None or rule is None else rule.threshold


def watched_rules(
    points: Sequence[models.Point] | None = None,
    given: Iterable[models.AlarmRule] | None = None,
) -> list[WatchedRule]:
    """Return the live rules as they apply to each point; with ``given`` those rules alone."""
    rows = list(models.Point.objects.all()) if points is None else list(points)
    covering = Covering(rows, given)
    ids = dict(models.Point.objects.values_list("code", "id"))
    formulas: dict[str, expression.Expression] = {}
    found = []
    for point in rows:
        for rule in covering.of(point):
            made = watched_rule(point, rule, ids, formulas)
            if made is not None:
                found.append(made)
    return found


def watched_rule(
    point: models.Point,
    rule: models.AlarmRule,
    ids: dict[str, int],
    formulas: dict[str, expression.Expression],
) -> WatchedRule | None:
    """Return a rule as it applies to one point, None where it has nothing to say."""
    threshold: float | None = rule.threshold
    if rule.kind in rules.LIMIT_KINDS:
        threshold = limit_in_force(point, rule, rule.kind)
        if threshold is None:
            return None
    formula: expression.Expression | None = None
    inputs: tuple[tuple[str, int], ...] = ()
    if rule.kind == "expression":
        formula = formulas.get(rule.expression)
        if formula is None:
            formula = formulas[rule.expression] = expression.compile(rule.expression)
        named = {name: ids.get(name) for name in sorted(formula.names)}
        if None in named.values():
            return None
        inputs = tuple((name, number) for name, number in named.items() if number is not None)
    return WatchedRule(
        code=rule.code,
        point_id=point.pk,
        kind=rule.kind,
        threshold=math.nan if threshold is None else threshold,
        dead_band=rule.dead_band,
        on_delay_us=rule.on_delay_s * 1_000_000,
        off_delay_us=rule.off_delay_s * 1_000_000,
        window_us=(rule.window_s or 0) * 1_000_000,
        reference_id=rule.reference_id or -1,
        expression=formula,
        inputs=inputs,
    )


def points_of(rule: models.AlarmRule) -> list[models.Point]:
    """Return the points a rule is meant for, also where a narrower one comes before it."""
    if rule.point_id is not None:
        return list(models.Point.objects.filter(pk=rule.point_id))
    rows = models.Point.objects.order_by("code")
    if rule.point_kind:
        rows = rows.filter(kind=rule.point_kind)
    if rule.zone_id is None:
        return list(rows)
    inside = [code for code, line in zone_lines().items() if rule.zone_id in line]
    return [row for row in rows if row.zone_id in inside]


def coming_before(rule: models.AlarmRule, points: Sequence[models.Point]) -> dict[int, str]:
    """Return the points of a rule for which a narrower one counts instead, with its code."""
    if rule.kind not in ONCE:
        return {}
    others = models.AlarmRule.objects.live().exclude(pk=rule.pk)
    covering = Covering(points, [*others, rule])
    found = {}
    for point in points:
        first = covering.rule_of(point, rule.kind)
        if first is not None and first.pk != rule.pk:
            found[point.pk] = first.code
    return found


def limit_history(
    rule_id: int | None = None, point_id: int | None = None
) -> list[models.LimitChange]:
    """Return the changes of a rule's or a point's limits, the newest first."""
    rows = models.LimitChange.objects.select_related("asked_by", "decided_by")
    subject = Q(point=point_id) if rule_id is None else Q(rule=rule_id)
    return list(rows.filter(subject)[:200])


def expected_points() -> list[models.Point]:
    """Return the points whose rules compare them with what is usual at that hour."""
    usual = models.AlarmRule.objects.live().filter(kind=rules.DEVIATION, reference__isnull=True)
    found: dict[int, models.Point] = {}
    for rule in usual:
        found.update({point.pk: point for point in points_of(rule)})
    return list(found.values())
