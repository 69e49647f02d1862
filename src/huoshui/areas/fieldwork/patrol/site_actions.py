"""Construction sites near pipes: registered, shown the pipes, visited, damaged, claimed, over."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from huoshui.areas.fieldwork import actions, contracts, models
from huoshui.areas.fieldwork.patrol import belonging, kinds, refusals, rules
from huoshui.areas.network import facade as network
from huoshui.kernel import audit, clock, numbering
from huoshui.kernel.accounts import permissions

Step = kinds.SiteStep
MONEY = (Step.CLAIMED, Step.PAID)
FIELDS = (
    "name", "builder", "contact", "phone", "permit", "lon", "lat", "near_m", "machine", "depth_m",
    "begin_date", "end_date",
)  # fmt: skip


def register_site(*, values: Mapping[str, Any], by_id: int | None) -> models.ConstructionSite:
    """Register a site: its pipes near by are looked up, its danger and its visits follow."""
    now = clock.now()
    with transaction.atomic():
        year = clock.local(now).year
        sites = models.ConstructionSite.objects.all()
        count = numbering.latest(sites, "number", rules.site_stem(year))
        site = models.ConstructionSite(number=rules.site_number(year, count), registered_at=now)
        _set(site, values)
        permissions.require_in(by_id, belonging.MANAGE, [belonging.of_site(site)])
        site.save()
        _event(site, Step.REGISTERED, by_id=by_id)
    return site


def change_site(
    number: str, *, values: Mapping[str, Any], by_id: int | None
) -> models.ConstructionSite:
    """Change a site; pipes near by, danger and visits are worked out anew."""
    with transaction.atomic():
        site = _locked(number)
        units = [belonging.of_site(site)]
        _set(site, values)
        permissions.require_in(by_id, belonging.MANAGE, [*units, belonging.of_site(site)])
        site.save()
        _event(site, Step.CHANGED, by_id=by_id)
    return site


def _set(site: models.ConstructionSite, values: Mapping[str, Any]) -> None:
    for name in FIELDS:
        if name in values:
            setattr(site, name, values[name])
    near = network.pipes_near(lon=site.lon, lat=site.lat, within_m=site.near_m)
    site.near = [[one.code, round(away, 1), one.diameter_mm] for one, away in near]
    site.risk = rules.risk(
        machine=kinds.Machine(site.machine),
        depth_m=site.depth_m,
        pipes=[(away, one.diameter_mm) for one, away in near],
    )
    site.visit_every_days = rules.VISIT_EVERY_DAYS[kinds.Risk(site.risk)]


def note_at_site(
    number: str,
    what: kinds.SiteStep,
    *,
    by_id: int,
    note: str = "",
    person: str = "",
    asset_code: str = "",
    amount_yuan: float | None = None,
    photo_ids: Iterable[int] = (),
    at: datetime | None = None,
    key: str = "",
    photo_hash: str = "",
) -> models.SiteEvent:
    """Keep what happened at a site; damage to an asset asks for its repair at once.

    Refuses money where nothing was damaged. The same ``key`` again returns what is there.
    """
    with transaction.atomic():
        site = _locked(number)
        known = site.events.filter(key=key).first() if key else None
        if known is not None:
            return known
        code = belonging.SETTLE if what in MONEY else belonging.RECORD
        permissions.require_in(by_id, code, [belonging.of_site(site)])
        if what in MONEY and not site.events.filter(what=Step.DAMAGED).exists():
            raise refusals.NothingDamaged(number)
        if site.finished_at is not None and what not in (Step.CLAIMED, Step.PAID, Step.DAMAGED):
            raise refusals.SiteOver(number)
        moment = at or clock.now()
        if what == Step.DISCLOSED:
            site.disclosed_at = max(site.disclosed_at or moment, moment)
        elif what == Step.VISITED:
            site.visited_at = max(site.visited_at or moment, moment)
        elif what == Step.FINISHED:
            site.finished_at = moment
        site.save()
        job = _repair(site, asset_code, note, by_id) if what == Step.DAMAGED else None
        return _event(
            site, what, by_id=by_id, at=moment, note=note, person=person, asset_code=asset_code,
            amount_yuan=amount_yuan, job=job, photo_ids=photo_ids, key=key,
            photo_hash=photo_hash,
        )  # fmt: skip


def _repair(site: models.ConstructionSite, asset_code: str, note: str, by_id: int) -> models.Job:
    place = contracts.Place(asset_code=asset_code, lon=site.lon, lat=site.lat)
    # Whoever sees the damage need not be somebody who may ask for jobs; the audit names them.
    return actions.request_job(
        place=place,
        by_id=None,
        description=f"{site.number} {site.name}\n{note}".strip(),
        kind=contracts.JobKind.REPAIR,
        priority=contracts.Priority.URGENT,
        origin=f"fieldwork.site:{site.pk}:{asset_code}",
    )


def _locked(number: str) -> models.ConstructionSite:
    return models.ConstructionSite.objects.select_for_update().get(number=number)


def _event(
    site: models.ConstructionSite,
    what: kinds.SiteStep,
    *,
    by_id: int | None,
    at: datetime | None = None,
    photo_ids: Iterable[int] = (),
    **rest: Any,
) -> models.SiteEvent:
    event = models.SiteEvent.objects.create(
        site=site, what=what, at=at or clock.now(), by_id=by_id, **rest
    )
    event.photos.set(photo_ids)
    detail = {"risk": site.risk, "visit_every_days": site.visit_every_days}
    if event.asset_code:
        detail["asset"] = event.asset_code
    if event.amount_yuan is not None:
        detail["amount_yuan"] = event.amount_yuan
    audit.record(by_id, f"fieldwork.site_{what}", f"fieldwork.site:{site.number}", detail)
    return event
