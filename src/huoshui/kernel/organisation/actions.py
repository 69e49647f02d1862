"""What may be done to the organisation; every deed leaves an audit record."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huoshui.kernel import audit, clock, errors
from huoshui.kernel.organisation import tree
from huoshui.kernel.organisation.models import Kind, Membership, Unit, UnitPeriod


class CodeTaken(errors.Refused):
    """Another unit has this code, perhaps one that is closed."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "organisation.code_taken",
            _("The code %(code)s belongs to another unit already.") % {"code": code},
            data={"code": code},
            next_step=_("Choose another code; codes of closed units are not used again."),
        )


class UnknownUnit(errors.Refused):
    """No unit has this code."""

    status = 404

    def __init__(self, code: Any) -> None:
        super().__init__(
            "organisation.unknown_unit",
            _("There is no unit %(code)s.") % {"code": code},
            data={"code": str(code)},
            next_step=_("Look the unit up in the tree of the organisation."),
        )


class NotOpenThen(errors.Refused):
    """A unit does not exist on the day that something is to begin."""

    def __init__(self, code: str, day: date) -> None:
        super().__init__(
            "organisation.not_open_then",
            _("The unit %(code)s does not exist on %(day)s.") % {"code": code, "day": day},
            data={"unit": code, "day": day.isoformat()},
            next_step=_("Choose a day on which it exists, or another unit."),
        )


class WouldContainItself(errors.Refused):
    """A unit cannot belong to one of its own parts."""

    def __init__(self, code: str, parent: str, day: date) -> None:
        super().__init__(
            "organisation.would_contain_itself",
            _("%(parent)s is a part of %(code)s on %(day)s, so it cannot contain it.")
            % {"parent": parent, "code": code, "day": day},
            data={"unit": code, "parent": parent, "day": day.isoformat()},
            next_step=_("Move the part out first, or choose another parent."),
        )


class StillInUse(errors.Refused):
    """A unit with parts, people or posts cannot be closed."""

    def __init__(self, code: str, uses: list[str]) -> None:
        super().__init__(
            "organisation.still_in_use",
            _("%(code)s is still in use: %(uses)s.") % {"code": code, "uses": ", ".join(uses)},
            data={"unit": code, "uses": uses},
            next_step=_("Move its parts, people and posts to another unit first."),
        )


def find_unit(code: str) -> Unit:
    """Return a unit by its code, or refuse with `organisation.unknown_unit`."""
    found = Unit.objects.filter(code=code).first()
    if found is None:
        raise UnknownUnit(code)
    return found


def add_unit(
    code: str,
    *,
    name_zh: str,
    name_en: str = "",
    kind: str = Kind.DEPARTMENT,
    parent: Unit | None = None,
    from_date: date | None = None,
    by_id: int | None = None,
) -> Unit:
    """Add a unit that exists from a day on, by default today.

    Refuses with `organisation.code_taken` and `organisation.not_open_then`.
    """
    code, begin = code.strip(), from_date or tree.today()
    with transaction.atomic():
        if Unit.objects.filter(code=code).exists():
            raise CodeTaken(code)
        if parent is not None and not _open_throughout(parent, begin, None):
            raise NotOpenThen(parent.code, begin)
        unit = Unit.objects.create(code=code, created_at=clock.now())
        period = UnitPeriod.objects.create(
            unit=unit,
            parent=parent,
            name_zh=name_zh.strip(),
            name_en=name_en.strip() or name_zh.strip(),
            kind=Kind(kind),
            from_date=begin,
        )
        audit.record(by_id, "organisation.unit_added", f"unit:{code}", _shown(period))
    return unit


def change_unit(
    unit: Unit,
    *,
    from_date: date,
    name_zh: str,
    name_en: str,
    kind: str,
    parent: Unit | None,
    by_id: int | None = None,
) -> None:
    """Rename, move or recast a unit from a day on; what it was before that day stays.

    The change lasts until the next one that is already planned. Refuses with
    `organisation.not_open_then` and `organisation.would_contain_itself`.
    """
    with transaction.atomic():
        period = UnitPeriod.objects.filter(unit=unit).valid_on(from_date).first()
        if period is None:
            raise NotOpenThen(unit.code, from_date)
        before = _shown(period)
        if parent is not None:
            if not _open_throughout(parent, from_date, period.until_date):
                raise NotOpenThen(parent.code, from_date)
            _refuse_circle(unit, parent, from_date, period.until_date)
        if period.from_date < from_date:
            # The new period must not begin while the old one still runs, nor may both share an end.
            until, period.until_date = period.until_date, from_date
            period.save(update_fields=["until_date"])
            period = UnitPeriod(unit=unit, from_date=from_date, until_date=until)
        period.name_zh, period.name_en = name_zh.strip(), name_en.strip() or name_zh.strip()
        period.kind, period.parent = Kind(kind), parent
        period.save()
        after = _shown(period)
        audit.record(
            by_id,
            "organisation.unit_changed",
            f"unit:{unit.code}",
            {"from_date": from_date, "before": before, "after": after},
        )


def close_unit(unit: Unit, *, until_date: date, by_id: int | None = None) -> None:
    """Close a unit: it exists no longer from that day on.

    Refuses with `organisation.not_open_then` and `organisation.still_in_use`.
    """
    with transaction.atomic():
        latest = UnitPeriod.objects.filter(unit=unit).order_by("from_date").last()
        over = latest is None or (latest.until_date and latest.until_date <= until_date)
        if latest is None or over or latest.from_date >= until_date:
            raise NotOpenThen(unit.code, until_date)
        uses = _uses(unit, until_date)
        if uses:
            raise StillInUse(unit.code, uses)
        latest.until_date = until_date
        latest.save(update_fields=["until_date"])
        audit.record(
            by_id, "organisation.unit_closed", f"unit:{unit.code}", {"until_date": until_date}
        )


def place_user(
    user: Any, unit: Unit | None, *, from_date: date | None = None, by_id: int | None = None
) -> None:
    """Let a person belong to a unit from a day on, and no longer to the one before; None ends it.

    Refuses with `organisation.not_open_then`.
    """
    day = from_date or tree.today()
    with transaction.atomic():
        if unit is not None and not _open_throughout(unit, day, None):
            raise NotOpenThen(unit.code, day)
        current = Membership.objects.filter(user=user).filter(
            Q(until_date__isnull=True) | Q(until_date__gt=day)
        )
        if unit is not None and current.valid_on(day).filter(unit=unit, until_date=None).exists():
            return
        left = [row.unit.code for row in current.select_related("unit")]
        for row in current:
            row.until_date = max(day, row.from_date)
            row.save(update_fields=["until_date"])
        if unit is not None:
            Membership.objects.create(user=user, unit=unit, from_date=day)
        if unit is None and not left:
            return
        audit.record(
            by_id,
            "organisation.person_placed",
            f"user:{user.username}",
            {"unit": unit.code if unit else None, "left": left, "from_date": day},
        )


def _shown(period: UnitPeriod) -> dict[str, Any]:
    return {
        "name_zh": period.name_zh,
        "name_en": period.name_en,
        "kind": str(period.kind),
        "parent": period.parent.code if period.parent else None,
        "from_date": period.from_date,
    }


def _open_throughout(unit: Unit, begin: date, end: date | None) -> bool:
    """Tell whether a unit exists from ``begin`` to ``end`` without a gap."""
    day = begin
    for period in UnitPeriod.objects.filter(unit=unit).order_by("from_date"):
        if period.from_date <= day and (period.until_date is None or period.until_date > day):
            if period.until_date is None or (end is not None and period.until_date >= end):
                return True
            day = period.until_date
    return False


def _refuse_circle(unit: Unit, parent: Unit, begin: date, end: date | None) -> None:
    """Look at the tree of every day on which it changes while the new period lasts."""
    starts = UnitPeriod.objects.filter(from_date__gt=begin).values_list("from_date", flat=True)
    days = {begin} | {day for day in starts if end is None or day < end}
    for day in sorted(days):
        if parent.pk in tree.on(day).below(unit.pk):
            raise WouldContainItself(unit.code, parent.code, day)


def _uses(unit: Unit, day: date) -> list[str]:
    """Return what still needs a unit on ``day`` or later, in words."""
    from huoshui.kernel.accounts.models import PostHolding

    later = Q(until_date__isnull=True) | Q(until_date__gt=day)
    parts = UnitPeriod.objects.filter(later, parent=unit).values_list("unit__code", flat=True)
    people = Membership.objects.filter(later, unit=unit).values_list("user__name", flat=True)
    holdings = PostHolding.objects.filter(unit=unit).valid_at(clock.now())
    return [*sorted({*parts, *people}), *sorted({str(one.user) for one in holdings})]
