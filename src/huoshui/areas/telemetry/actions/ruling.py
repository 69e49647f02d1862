"""Rules and limits: written, tried, put to work, changed inside a range or with approval."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.telemetry import (
    contracts,
    models,
    queries,
    queries_rules,
    refusals,
    rule_faults,
    rules,
)
from huoshui.areas.telemetry.actions.points import later_than_all
from huoshui.kernel import audit, clock, notices


def _stamp(rows: type[models.AlarmRule] | type[models.CalculatedPoint]) -> Any:
    # The writer sees a change by its being the latest of all.
    return later_than_all(rows.objects.order_by("-changed_at")[:1])


def save_rule(facts: Mapping[str, Any], by_id: int | None) -> models.AlarmRule:
    """Make a rule, or change the one of the same code; equal ones are left alone.

    ``facts`` are the fields of `models.AlarmRule.facts`; missing ones keep what they are. Refuses
    with ``telemetry.rule_not_usable`` naming everything that is wrong. Audited when anything
    changed; a changed threshold enters the history of limits.
    """
    with transaction.atomic():
        row = models.AlarmRule.objects.select_for_update().filter(code=facts["code"]).first()
        new = row is None
        if row is None:
            row = models.AlarmRule(code=facts["code"], priority="medium")
        before = row.facts()
        wanted = {**before, **{name: facts[name] for name in before if name in facts}}
        if not new and wanted == before:
            return row
        faults = rule_faults.of_rule(wanted, queries.point_ids().keys())
        if faults:
            raise refusals.RuleNotUsable(str(facts["code"]), faults)
        for name, value in wanted.items():
            setattr(row, name, value)
        row.changed_at = _stamp(models.AlarmRule)
        row.save()
        changed = {
            name: [before[name], value] for name, value in wanted.items() if value != before[name]
        }
        if "threshold" in changed and not new and by_id is not None:
            old, new_one = changed["threshold"]
            _keep_change(row, None, "", old, new_one, "", by_id)
        audit.record(
            by_id,
            "telemetry.rule_made" if new else "telemetry.rule_changed",
            f"alarm_rule:{row.code}",
            {"changed": {} if new else changed, "state": row.state},
        )
    return row


def set_rule_state(code: str, state: str, by_id: int) -> models.AlarmRule:
    """Put a rule to work, back among the drafts, or away for good. Audited.

    Alarms that stand by a rule that stops watching return to normal within a second.
    """
    row = models.AlarmRule.objects.filter(code=code).first()
    if row is None:
        raise refusals.NoSuchRule(code)
    return save_rule({"code": code, "state": state}, by_id)


def _keep_change(
    rule: models.AlarmRule | None,
    point: models.Point | None,
    side: str,
    before: float | None,
    after: float | None,
    reason: str,
    by_id: int,
    state: str = "applied",
) -> models.LimitChange:
    now = clock.now()
    return models.LimitChange.objects.create(
        rule=rule,
        point=point,
        side=side,
        before=before,
        after=after,
        reason=reason[:500],
        state=state,
        asked_at=now,
        asked_by_id=by_id,
        decided_at=now if state == "applied" else None,
    )


def ask_limit(
    *,
    value: float | None,
    reason: str,
    by_id: int,
    rule_code: str = "",
    point_code: str = "",
    side: str = "",
) -> models.LimitChange:
    """Set the threshold of a rule or a point's own limit; None takes a point's own limit away.

    Inside the range that the rule permits it counts at once. Beyond it, and where no rule names a
    range, it waits until another person approves, who is told. Refuses without a reason, and a
    limit that does not fit the others. Audited.
    """
    if not reason.strip():
        raise refusals.ReasonMissing
    with transaction.atomic():
        rule, point = _limit_of(rule_code, point_code, side)
        if point is not None:
            before = getattr(point, side)
            _refuse_misfit(point, side, value)
            covering = queries_rules.Covering([point]).rule_of(point, side)
        else:
            assert rule is not None
            before, covering = rule.threshold, rule
            _refuse_faults(rule, value)
        permitted = _is_permitted(covering, value)
        change = _keep_change(
            rule, point, side, before, value, reason.strip(), by_id,
            "applied" if permitted else "waiting",
        )  # fmt: skip
        if permitted:
            _apply(change)
        else:
            _tell_approvers(change)
        subject = f"point:{point_code}" if point else f"alarm_rule:{rule_code}"
        deed = "telemetry.limit_set" if permitted else "telemetry.limit_asked"
        detail = {"side": side, "before": before, "after": value, "reason": change.reason}
        audit.record(by_id, deed, subject, detail)
        return change


def _limit_of(
    rule_code: str, point_code: str, side: str
) -> tuple[models.AlarmRule | None, models.Point | None]:
    if rule_code:
        rule = models.AlarmRule.objects.select_for_update().filter(code=rule_code).first()
        if rule is None:
            raise refusals.NoSuchRule(rule_code)
        return rule, None
    point = models.Point.objects.select_for_update().filter(code=point_code).first()
    if point is None or side not in rules.LIMIT_KINDS:
        raise refusals.NoSuchPoint([point_code])
    return None, point


def _is_permitted(rule: models.AlarmRule | None, value: float | None) -> bool:
    if rule is None or value is None:
        return False
    low, high = rule.may_set_min, rule.may_set_max
    return low is not None and high is not None and low <= value <= high


def _refuse_faults(rule: models.AlarmRule, value: float | None) -> None:
    faults = rule_faults.of_rule({**rule.facts(), "threshold": value}, queries.point_ids().keys())
    if faults:
        raise refusals.RuleNotUsable(rule.code, faults)


def _refuse_misfit(point: models.Point, side: str, value: float | None) -> None:
    fields = {
        field.name: getattr(point, field.name)
        for field in dataclasses.fields(contracts.PointDeclaration)
        if field.name not in {"asset_code", "zone_code"}
    }
    fields[side] = value
    if {"limits_order", "not_finite"} & set(rules.faults(contracts.PointDeclaration(**fields))):
        raise refusals.LimitNotUsable


def _apply(change: models.LimitChange) -> None:
    if change.rule is not None:
        change.rule.threshold = change.after
        change.rule.changed_at = _stamp(models.AlarmRule)
        change.rule.save(update_fields=["threshold", "changed_at"])
    elif change.point is not None:
        setattr(change.point, change.side, change.after)
        latest = models.Point.objects.order_by("-changed_at")[:1]
        change.point.changed_at = later_than_all(latest)
        change.point.save(update_fields=[change.side, "changed_at"])


def _tell_approvers(change: models.LimitChange) -> None:
    subject = change.rule.code if change.rule else change.point.code if change.point else ""
    notices.send(
        posts=("manager", "leakage_engineer"),
        title=_("A change of the limit of %(subject)s waits for approval"),
        text=_("From %(before)s to %(after)s: %(reason)s"),
        values={
            "subject": subject,
            "before": "–" if change.before is None else f"{change.before:g}",
            "after": "–" if change.after is None else f"{change.after:g}",
            "reason": change.reason,
        },
        url=reverse("telemetry:limit-changes"),
        key=f"telemetry.limit_change:{change.pk}",
    )


def decide_limit(change_id: int, *, approve: bool, by_id: int) -> models.LimitChange:
    """Approve or refuse a change that waits. Never by the person who asked. Audited.

    A limit that meanwhile no longer fits the others is refused with ``limit_not_usable``.
    """
    with transaction.atomic():
        change = (
            models.LimitChange.objects.select_for_update(of=("self",))
            .filter(pk=change_id, state="waiting")
            .select_related("rule", "point")
            .first()
        )
        if change is None:
            raise refusals.ChangeDecided(change_id)
        if change.asked_by_id == by_id:
            raise refusals.OwnChange(change_id)
        if approve:
            if change.point is not None:
                _refuse_misfit(change.point, change.side, change.after)
            _apply(change)
        change.state = "applied" if approve else "refused"
        change.decided_at = clock.now()
        change.decided_by_id = by_id
        change.save(update_fields=["state", "decided_at", "decided_by"])
        kind, code = (
            ("alarm_rule", change.rule.code)
            if change.rule
            else ("point", change.point.code if change.point else "")
        )
        audit.record(
            by_id,
            "telemetry.limit_set" if approve else "telemetry.limit_refused",
            f"{kind}:{code}",
            {"side": change.side, "before": change.before, "after": change.after,
             "asked_by": change.asked_by_id},
        )  # fmt: skip
        return change


def set_formula(point_code: str, text: str, by_id: int | None) -> models.CalculatedPoint:
    """Let a point be calculated from others by a formula; it is worked out on every new value.

    Refuses a formula that cannot be used, or that names the point itself or another calculated
    one: a circle would have no beginning. Audited.
    """
    with transaction.atomic():
        point = models.Point.objects.filter(code=point_code).first()
        if point is None:
            raise refusals.NoSuchPoint([point_code])
        made = models.CalculatedPoint.objects.values_list("point__code", flat=True)
        known = queries.point_ids().keys() - set(made) - {point_code}
        faults = rule_faults.of_formula("expression", text, known, looks_back=True)
        if faults:
            raise refusals.RuleNotUsable(point_code, faults)
        row, _new = models.CalculatedPoint.objects.update_or_create(
            point=point,
            defaults={
                "expression": text,
                "changed_at": _stamp(models.CalculatedPoint),
                "changed_by_id": by_id,
            },
        )
        audit.record(by_id, "telemetry.formula_set", f"point:{point_code}", {"expression": text})
        return row
