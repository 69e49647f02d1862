"""Everything that is done with rounds, walks and findings. Each is one transaction, and audited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db import transaction

from huoshui.areas.fieldwork import actions, contracts, models
from huoshui.areas.fieldwork.patrol import belonging, ground, kinds, queries, refusals, rules
from huoshui.areas.network import contracts as network_contracts
from huoshui.areas.network import facade as network
from huoshui.kernel import audit, clock
from huoshui.kernel.accounts import permissions

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

ROUND_FIELDS = (
    "name", "zone_code", "every_days", "begin_date", "from_month", "until_month", "purpose",
    "walker", "near_m", "is_retired",
    "name_en", "check_lists",
)  # fmt: skip
RHYTHM = ("begin_date", "every_days", "from_month", "until_month")


def pipes_chosen(
    *,
    zone_code: str = "",
    codes: Iterable[str] = (),
    ring: Sequence[tuple[float, float]] = (),
) -> list[str]:
    """Return the pipes chosen by zone, number and outline, all together, with what is on them.

    The valves and hydrants at their ends come with them. Refuses what the network does not have,
    and a choice without a pipe that has a course.
    """
    found: dict[str, network_contracts.Asset] = {}
    if zone_code:
        found |= {one.code: one for one in network.assets(kind="pipe", zone=zone_code)}
    if ring:
        found |= {one.code: one for one in network.pipes_within(ring)}
    listed = list(dict.fromkeys(codes))
    known = {one.code: one for one in network.assets(codes=listed)}
    missing = [code for code in listed if code not in known]
    if missing:
        raise refusals.UnknownAssets(missing)
    pipes = ground.with_course([*found.values(), *known.values()])
    if not pipes:
        raise refusals.NothingToWalk
    if len(pipes) > rules.ROUND_PIPES_MAX:
        raise refusals.RoundTooLong(len(pipes), rules.ROUND_PIPES_MAX)
    walked = list(dict.fromkeys(one.code for one in pipes))
    others = [code for code in known if code not in set(walked)]
    things = [one.code for one in network.things_on(walked)]
    return list(dict.fromkeys([*walked, *others, *things]))


def keep_round(
    code: str,
    *,
    values: Mapping[str, Any],
    asset_codes: Sequence[str] | None,
    by_id: int | None,
    is_new: bool = False,
) -> models.PatrolRound:
    """Make or change a round; ``asset_codes`` None: what it passes stays.

    Refuses pipes of a unit that a limited post does not reach, as it was and as it would be.
    Another rhythm counts from today on; the periods that are over stay as they were.
    """
    with transaction.atomic():
        row = models.PatrolRound.objects.select_for_update().filter(code=code).first()
        if row is not None and is_new:
            raise refusals.RoundExists(code)
        row = row or models.PatrolRound(code=code, asset_codes=[])
        units = belonging.of_round(row)
        former = {name: getattr(row, name) for name in (*RHYTHM, "is_retired", "asset_codes")}
        for name in ROUND_FIELDS:
            if name in values:
                setattr(row, name, values[name])
        if row.begin_date is None:
            row.begin_date = clock.local(clock.now()).date()
        if asset_codes is not None:
            row.asset_codes = list(asset_codes)
        if not row.asset_codes:
            raise refusals.NothingToWalk
        permissions.require_in(by_id, belonging.MANAGE, units | belonging.of_round(row))
        # Walks keep the pipes of their day; what was looked at in a plant is kept with the rhythm.
        watched = set(former)
        if row.purpose != kinds.Purpose.EQUIPMENT:
            watched.discard("asset_codes")
        if row.pk is not None and any(getattr(row, name) != former[name] for name in watched):
            _close_rhythm(row, former)
        row.save()
        detail = {"every_days": row.every_days, "assets": len(row.asset_codes),
                  "is_retired": row.is_retired}  # fmt: skip
        audit.record(by_id, "fieldwork.round_kept", f"fieldwork.round:{code}", detail)
    return row


def _close_rhythm(row: models.PatrolRound, former: Mapping[str, Any]) -> None:
    """Keep how often a round was due until today."""
    today = clock.local(clock.now()).date()
    was_walked = former["begin_date"] is not None and not former["is_retired"]
    if was_walked and row.rhythm_from_date != today:
        models.PatrolRhythm.objects.create(
            round=row, from_date=row.rhythm_from_date, until_date=today,
            asset_codes=former["asset_codes"], **{name: former[name] for name in RHYTHM},
        )  # fmt: skip
    row.rhythm_from_date = today


def take_walk(
    row: models.PatrolRound,
    *,
    by: User,
    began_at: datetime,
    track: Sequence[ground.Fix],
    source: kinds.Source,
    seen: Iterable[str] = (),
    key: str = "",
    handed_by_id: int | None = None,
) -> models.PatrolWalk:
    """Keep a walk and what it covered. The same key again returns the walk that is there.

    ``handed_by_id`` is who brought the track where that was not the walker.
    """
    usable = [one for one in track if one[0] is not None and one[1] is not None]
    if not usable or len(track) > rules.TRACK_FIXES_MAX:
        raise refusals.TrackEmpty(len(track))
    with transaction.atomic():
        known = models.PatrolWalk.objects.filter(key=key).first() if key else None
        if known is not None:
            return known
        assets = queries.assets_of(row)
        measured = ground.measure(assets, track, near_m=row.near_m)
        on_round = set(row.asset_codes)
        walk = models.PatrolWalk.objects.create(
            round=row,
            by=by,
            began_at=began_at,
            ended_at=began_at + timedelta(seconds=max(one[2] or 0.0 for one in usable)),
            track=[list(one) for one in track],
            source=source,
            walked_m=measured.walked_m,
            gaps=measured.gaps,
            inaccurate=measured.inaccurate,
            pipes=measured.pipes,
            length_m=measured.length_m,
            covered_m=measured.covered_m,
            missed=[list(one) for one in measured.missed],
            seen=[one for one in dict.fromkeys(seen) if one in on_round],
            key=key,
        )
        if key:
            models.PatrolFinding.objects.filter(walk_key=key).update(walk=walk)
        detail = {"source": str(source), "length_m": round(walk.length_m),
                  "covered_m": round(walk.covered_m)}  # fmt: skip
        who = handed_by_id or by.pk
        audit.record(who, "fieldwork.walk_taken", f"fieldwork.round:{row.code}", detail)
    return walk


def take_finding(
    *,
    by: User,
    kind: kinds.FindingKind,
    lon: float,
    lat: float,
    found_at: datetime,
    asset_code: str = "",
    note: str = "",
    row: models.PatrolRound | None = None,
    walk_key: str = "",
    key: str = "",
    photo_hash: str = "",
    wants_job: bool = False,
) -> models.PatrolFinding:
    """Keep what a patroller found; a job is made of it at once where they say it is needed."""
    with transaction.atomic():
        walk = models.PatrolWalk.objects.filter(key=walk_key).first() if walk_key else None
        finding = models.PatrolFinding.objects.create(
            walk=walk, round=row, walk_key=walk_key, kind=kind, asset_code=asset_code, lon=lon,
            lat=lat, note=note.strip(), found_at=found_at, by=by, key=key, photo_hash=photo_hash,
        )  # fmt: skip
        detail = {"finding": str(kind), "asset": asset_code}
        subject = f"fieldwork.finding:{finding.pk}"
        audit.record(by.pk, "fieldwork.finding_taken", subject, detail)
        if wants_job:
            # The patroller may not ask for jobs; the rule that a finding needs one asks.
            _give_job(finding, by_id=None)
    return finding


def job_of_finding(number: int, *, by_id: int) -> models.Job:
    """Ask for a job because of a finding; refuses while one that was made of it is open."""
    with transaction.atomic():
        finding = models.PatrolFinding.objects.select_for_update(of=("self",)).get(pk=number)
        job = finding.job
        if job is not None and job.state not in ("closed", "cancelled"):
            raise refusals.FindingHasJob(job.number)
        return _give_job(finding, by_id=by_id)


def _give_job(finding: models.PatrolFinding, *, by_id: int | None) -> models.Job:
    pressing = finding.kind in rules.PRESSING
    leak = finding.kind == kinds.FindingKind.LEAK
    place = contracts.Place(
        asset_code=finding.asset_code, zone_code=_zone_of(finding),
        lon=finding.lon, lat=finding.lat,
    )  # fmt: skip
    job = actions.request_job(
        place=place,
        by_id=by_id,
        description=finding.note,
        kind=contracts.JobKind.LEAK_SEARCH if leak else contracts.JobKind.INSPECTION,
        priority=contracts.Priority.HIGH if pressing else contracts.Priority.NORMAL,
        origin=f"fieldwork.finding:{finding.pk}",
    )
    finding.job = job
    finding.save(update_fields=["job"])
    subject = f"fieldwork.finding:{finding.pk}"
    audit.record(by_id, "fieldwork.finding_job", subject, {"job": job.number})
    return job


def _zone_of(finding: models.PatrolFinding) -> str:
    code = finding.round.zone_code if finding.round else ""
    return code if code and network.zone(code) is not None else ""
