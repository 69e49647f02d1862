"""Everything that may be done to crews, and what belongs to them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from huoshui.areas.fieldwork import models, refusals, rules
from huoshui.areas.fieldwork.queries import crews as queries
from huoshui.kernel import audit, clock
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import User

MANAGE = "fieldwork.manage_crews"


@transaction.atomic
def keep_skill(
    code: str, *, name_zh: str, name_en: str, is_retired: bool = False, is_new: bool = False,
    by_id: int | None,
) -> models.Skill:  # fmt: skip
    """Add a skill, or name it anew. Refuses a new one with a code that is taken."""
    permissions.require_in(by_id, MANAGE, [None])  # it is of all units
    _refuse_taken(models.Skill, code, is_new=is_new)
    row, _new = models.Skill.objects.update_or_create(
        code=code, defaults={"name_zh": name_zh, "name_en": name_en, "is_retired": is_retired}
    )
    audit.record(
        by_id, "fieldwork.skill_kept", f"fieldwork.skill:{code}",
        {"name": name_zh, "is_retired": is_retired},
    )  # fmt: skip
    return row


@transaction.atomic
def keep_pattern(
    code: str, *, name_zh: str, name_en: str, days: str, first_date: date,
    is_retired: bool = False, is_new: bool = False, by_id: int | None,
) -> models.ShiftPattern:  # fmt: skip
    """Add a shift pattern, or change it; ``days`` as ``08:00-17:00, 20:00-08:00, -``.

    Refuses what cannot be read, and a new one with a code that is taken.
    """
    permissions.require_in(by_id, MANAGE, [None])  # it is of all units
    _refuse_taken(models.ShiftPattern, code, is_new=is_new)
    try:
        read = rules.shift_days(days)
    except ValueError as problem:
        raise refusals.ShiftsUnreadable(str(problem)) from None
    row, _new = models.ShiftPattern.objects.update_or_create(
        code=code,
        defaults={
            "name_zh": name_zh, "name_en": name_en, "days": read, "first_date": first_date,
            "is_retired": is_retired,
        },
    )  # fmt: skip
    audit.record(
        by_id, "fieldwork.pattern_kept", f"fieldwork.pattern:{code}",
        {"days": days, "first_date": first_date.isoformat(), "is_retired": is_retired},
    )  # fmt: skip
    return row


def _refuse_taken(model: Any, code: str, *, is_new: bool) -> None:
    if is_new and model.objects.filter(code=code).exists():
        raise refusals.CodeTaken(code)


@transaction.atomic
def keep_job_type(
    code: str,
    *,
    values: Mapping[str, Any],
    skills: Iterable[str] = (),
    kit: Mapping[str, int] | None = None,
    is_new: bool = False,
    by_id: int | None,
) -> models.JobType:
    """Add a type of job, or change it, with its skills and its kit (codes of parts to numbers)."""
    permissions.require_in(by_id, MANAGE, [None])  # it is of all units
    _refuse_taken(models.JobType, code, is_new=is_new)
    wanted = sorted(skills)
    found = list(models.Skill.objects.filter(code__in=wanted))
    missing = set(wanted) - {one.code for one in found}
    if missing:
        raise refusals.NoSuch("skill", sorted(missing)[0])
    row, _new = models.JobType.objects.update_or_create(code=code, defaults=dict(values))
    row.skills.set(found)
    if kit is not None:
        parts = {one.code: one for one in models.Part.objects.filter(code__in=list(kit))}
        unknown = sorted(set(kit) - set(parts))
        if unknown:
            raise refusals.NoSuch("part", unknown[0])
        row.kit.all().delete()
        models.KitLine.objects.bulk_create(
            models.KitLine(job_type=row, part=parts[part], quantity=count)
            for part, count in sorted(kit.items())
            if count > 0
        )
    audit.record(
        by_id, "fieldwork.job_type_kept", f"fieldwork.job_type:{code}",
        {
            "minutes": row.usual_minutes, "skills": wanted, "kit": dict(kit or {}),
            "is_retired": row.is_retired,
        },
    )  # fmt: skip
    return row


@transaction.atomic
def keep_crew(
    code: str,
    *,
    values: Mapping[str, Any],
    skills: Iterable[str] = (),
    is_new: bool = False,
    by_id: int | None,
) -> models.Crew:
    """Add a crew, or change it. Refuses a new one with a code that is taken."""
    row = models.Crew.objects.filter(code=code).first()
    if row is not None and is_new:
        raise refusals.CodeTaken(code)
    units = [] if row is None else [row.unit_id]
    if row is None or "unit" in values:  # else it stays in the unit that it is of
        units.append(None if (unit := values.get("unit")) is None else unit.pk)
    permissions.require_in(by_id, MANAGE, units)
    row = row or models.Crew(code=code)
    for name, value in values.items():
        setattr(row, name, value)
    row.save()
    row.skills.set(models.Skill.objects.filter(code__in=list(skills)))
    audit.record(
        by_id, "fieldwork.crew_kept", f"fieldwork.crew:{code}",
        {"name": row.name, "skills": sorted(skills), "is_retired": row.is_retired},
    )  # fmt: skip
    return row


def _crew(code: str, by_id: int | None) -> models.Crew:
    row = queries.crew(code)
    if row is None:
        raise refusals.NoSuch("crew", code)
    permissions.require_in(by_id, MANAGE, [row.unit_id])
    return row


@transaction.atomic
def set_members(
    code: str, *, users: Iterable[User], leader: User | None, by_id: int | None
) -> models.Crew:
    """Say who belongs to a crew from now on; whoever belonged to another leaves that one."""
    row = _crew(code, by_id)
    now = clock.now()
    wanted = {one.pk: one for one in users}
    if leader is not None:
        wanted[leader.pk] = leader
    standing = models.CrewMember.objects.filter(until__isnull=True)
    leader_id = None if leader is None else leader.pk
    for member in standing.filter(crew=row):
        if member.user_id not in wanted or member.is_leader != (member.user_id == leader_id):
            member.until = max(now, member.from_at)
            member.save(update_fields=["until"])
        else:
            wanted.pop(member.user_id)
    for member in standing.filter(user_id__in=list(wanted)):
        member.until = max(now, member.from_at)
        member.save(update_fields=["until"])
    for key, user in wanted.items():
        models.CrewMember.objects.create(
            crew=row, user=user, is_leader=key == leader_id, from_at=now
        )
    names = [str(one.user) for one in queries.members(row.pk)]
    audit.record(by_id, "fieldwork.crew_members_set", f"fieldwork.crew:{code}", {"people": names})
    return row


@transaction.atomic
def set_day(
    code: str,
    *,
    day: date,
    shift: rules.Shift | None,
    reason: str = "",
    by_id: int | None,
) -> models.CrewDay:
    """Let a crew work otherwise than its pattern on one day; no shift means it is off."""
    row = _crew(code, by_id)
    found = models.CrewDay.objects.create(
        crew=row,
        day=day,
        from_at=shift[0] if shift else None,
        until=shift[1] if shift else None,
        reason=reason.strip()[:200],
        set_by_id=by_id,
        set_at=clock.now(),
    )
    audit.record(
        by_id, "fieldwork.crew_day_set", f"fieldwork.crew:{code}",
        {"day": day.isoformat(), "is_off": shift is None, "note": found.reason},
    )  # fmt: skip
    return found


@transaction.atomic
def place_crew(code: str, *, lon: float, lat: float, at: datetime, by_id: int | None) -> None:
    """Say where a crew is; what is older than the place known is left aside."""
    row = queries.crew(code)
    if row is None:
        raise refusals.NoSuch("crew", code)
    if by_id is None or not queries.belongs(by_id, row.pk):
        permissions.require_in(by_id, MANAGE, [row.unit_id])
    if row.placed_at is not None and at <= row.placed_at:
        return
    row.lon, row.lat, row.placed_at = lon, lat, at
    row.save(update_fields=["lon", "lat", "placed_at"])
    audit.record(by_id, "fieldwork.crew_placed", f"fieldwork.crew:{code}", {})
