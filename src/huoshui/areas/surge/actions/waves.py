"""Declare a wave, call crews up, hear them answer, end it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huoshui.areas.fieldwork import facade as fieldwork
from huoshui.areas.surge import contracts, models, queries, refusals, rules
from huoshui.kernel import audit, clock, events, notices, numbering
from huoshui.kernel.accounts.models import User


@dataclass(frozen=True)
class Declared:
    """What a wave is declared with; empty estates and zones mean the whole city."""

    name: str
    kind: contracts.Kind
    from_at: datetime
    estates: Iterable[str] = ()
    zones: Iterable[str] = ()
    topics: Iterable[str] = ()
    crews: Iterable[str] = ()
    parts: Iterable[str] = ()
    announcements: Iterable[str] = ()
    risk_list: str = ""
    plan: str = ""
    text: str = ""
    crews_called: bool = field(default=True)


@transaction.atomic
def declare(said: Declared, *, by_id: int | None) -> models.Surge:
    """Declare a wave and call its crews up. Publishes ``SurgeDeclared``.

    Without crews all are meant; without parts those of kits that exchange a meter are watched.
    Refuses a wave without a name, or one that begins in the future by more than a day.
    """
    now = clock.now()
    name = said.name.strip()[: models.NAME_LENGTH]
    if not name:
        raise refusals.NeedsValue("name", _("Give the wave a name."))
    if (said.from_at - now).days >= 1:
        raise refusals.NeedsValue("from_at", _("It can begin within a day from now at the latest."))
    risk_list = _risk_list(said.risk_list) if said.risk_list else None
    plan = _plan(said.plan) if said.plan else None
    known = fieldwork.crew_codes()
    day = clock.local(now).date()
    count = numbering.latest(models.Surge.objects.all(), "code", rules.code_stem(day))
    row = models.Surge.objects.create(
        code=rules.code_of(day, count),
        name=name,
        kind=said.kind,
        from_at=said.from_at,
        estates=sorted(set(said.estates)),
        zones=sorted(set(said.zones)),
        topics=sorted(set(said.topics)),
        crews=[one for one in known if one in set(said.crews)] or known,
        parts=list(dict.fromkeys(said.parts)) or fieldwork.meter_parts(),
        announcements=list(dict.fromkeys(said.announcements)),
        risk_list=risk_list,
        plan=plan,
        text=said.text.strip(),
        declared_at=now,
        declared_by_id=by_id,
    )
    _call_up(row, by_id)
    audit.record(
        by_id, "surge.declared", f"surge.surge:{row.code}",
        {"name": name, "kind": str(said.kind), "crews": len(row.crews)},
    )  # fmt: skip
    events.publish(
        contracts.SurgeDeclared(
            code=row.code, kind=row.kind, from_at=row.from_at, at=now, by_id=by_id
        )
    )
    return row


def _call_up(row: models.Surge, by_id: int | None) -> None:
    models.CrewCall.objects.bulk_create(
        models.CrewCall(surge=row, crew_code=code, called_at=row.declared_at) for code in row.crews
    )
    wanted = set(row.crews)
    people = [
        user for crew in fieldwork.crew_facts() if crew.code in wanted for user in crew.people
    ]
    notices.send(
        users=list(User.objects.filter(pk__in=people, is_active=True)),
        title=_("Emergency: %(name)s. Your crew is called up; please answer."),
        values={"name": row.name},
        url=reverse("surge:answer", args=[row.code]),
        level=notices.WARNING,
        key=f"surge.called:{row.code}",
    )


@transaction.atomic
def acknowledge(code: str, *, crew_code: str, by_id: int | None) -> None:
    """Say that a crew has heard the call; the first answer counts."""
    row = queries.surge(code)
    call = models.CrewCall.objects.select_for_update().filter(surge=row, crew_code=crew_code)
    found = call.first()
    if found is None:
        raise refusals.NoSuch("crew", crew_code)
    if found.answered_at is None:
        found.answered_at, found.answered_by_id = clock.now(), by_id
        found.save(update_fields=["answered_at", "answered_by"])
        audit.record(by_id, "surge.crew_answered", f"surge.surge:{row.code}", {"crew": crew_code})


@transaction.atomic
def end(code: str, *, by_id: int | None, at: datetime | None = None) -> models.Surge:
    """End a wave; what comes later does not count for it. Publishes ``SurgeEnded``.

    Refuses a wave that is over already, and an end before its beginning or in the future.
    """
    row = models.Surge.objects.select_for_update(of=("self",)).filter(code=code).first()
    if row is None:
        raise refusals.NoSuch("surge", code)
    if row.until is not None:
        raise refusals.NotNow(_("This wave is over already."), code=code)
    now = clock.now()
    until = at or now
    if until <= row.from_at or until > now:
        raise refusals.NeedsValue("at", _("It ends after it began, and not in the future."))
    row.until, row.ended_at = until, now
    row.save(update_fields=["until", "ended_at"])
    audit.record(by_id, "surge.ended", f"surge.surge:{row.code}", {"until": until})
    events.publish(contracts.SurgeEnded(code=row.code, until=until, at=now, by_id=by_id))
    return row


def _risk_list(code: str) -> models.RiskList:
    row = models.RiskList.objects.filter(code=code).first()
    if row is None:
        raise refusals.NoSuch("list", code)
    return row


def _plan(code: str) -> models.EmergencyPlan:
    row = models.EmergencyPlan.objects.filter(code=code).first()
    if row is None:
        raise refusals.NoSuch("plan", code)
    return row
