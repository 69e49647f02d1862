"""Pipes that another part of the house holds worth walking, until a leader makes a round of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import Case, F, QuerySet, Value, When, Window
from django.db.models.functions import RowNumber
from django.utils.translation import gettext as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import actions, belonging, ground, kinds, refusals
from huoshui.areas.network import facade as network
from huoshui.kernel import audit, clock
from huoshui.kernel.accounts import permissions

OPEN, ACCEPTED, DECLINED, LAPSED = "open", "accepted", "declined", "lapsed"
PRESSING_FIRST = ("night_flow", "bursts")
# What a leader declined is not proposed again for so long.
DECLINED_DAYS = 30


@dataclass(frozen=True, slots=True)
class WorthWalking:
    """Pipes worth walking. ``origin`` tells one reason from another and stays the same.

    ``size`` ranks those of one reason, the greatest first; ``figures`` are what it rests on,
    by code (`words.FIGURES`); ``every_days`` is how often it should be walked.
    """

    origin: str
    zone_code: str
    pipes: tuple[str, ...]
    reason: str
    size: float
    every_days: int
    figures: Mapping[str, float] = field(default_factory=dict)
    purpose: str = kinds.Purpose.LEAK_SURVEY


@transaction.atomic
def propose(source: str, areas: Iterable[WorthWalking]) -> int:
    """Keep what a source holds worth walking now; return how many proposals are new.

    ``areas`` is everything that the source holds worth it, each with an origin that begins with
    its name: an open proposal follows its figures, and one that is not named any more lapses.
    What is walked already by its accepted round, or was declined not long ago, is not proposed.
    """
    now = clock.now()
    rows = models.PatrolProposal.objects.select_for_update().filter(origin__startswith=f"{source}:")
    standing = {one.origin: one for one in rows.filter(state=OPEN)}
    rests = {
        one.origin for one in rows.filter(state__in=(ACCEPTED, DECLINED)).select_related("round")
        if _rests(one)
    }  # fmt: skip
    new = 0
    for area in areas:
        if not area.origin.startswith(f"{source}:"):
            msg = f"{area.origin} is not of {source}"
            raise ValueError(msg)
        row = standing.pop(area.origin, None)
        if area.origin in rests:
            continue
        pipes = ground.with_course(network.assets(codes=list(area.pipes)))
        if not pipes:
            continue
        is_new = row is None
        row = row or models.PatrolProposal(origin=area.origin, proposed_at=now)
        row.zone_code, row.reason, row.purpose = area.zone_code, area.reason, area.purpose
        row.pipes = [one.code for one in pipes]
        row.length_m = sum(one.length_m or 0.0 for one in pipes)
        row.size, row.figures = area.size, dict(area.figures)
        row.every_days, row.changed_at = area.every_days, now
        row.save()
        if is_new:
            new += 1
            audit.record(None, "fieldwork.proposal_made", subject(row), {"assets": len(row.pipes)})
    for row in standing.values():
        _end(row, LAPSED, by_id=None)
        audit.record(None, "fieldwork.proposal_lapsed", subject(row), {})
    return new


def _rests(row: models.PatrolProposal) -> bool:
    """Say whether a decided proposal still speaks for its origin."""
    if row.state == ACCEPTED:
        return row.round is not None and not row.round.is_retired
    return row.decided_at is not None and (clock.now() - row.decided_at).days < DECLINED_DAYS


def subject(row: models.PatrolProposal) -> str:
    """Return how the trail of deeds names a proposal."""
    return f"fieldwork.proposal:{row.pk}"


@transaction.atomic
def accept(number: int, *, code: str, name: str, by_id: int) -> models.PatrolRound:
    """Make the round of a proposal: its pipes, with the valves and hydrants on them.

    Refuses a number that is taken, and a proposal that was decided.
    """
    row = _locked(number)
    made = actions.keep_round(
        code,
        values={"name": name, "zone_code": row.zone_code, "every_days": row.every_days,
                "purpose": row.purpose},
        asset_codes=actions.pipes_chosen(codes=row.pipes), by_id=by_id, is_new=True,
    )  # fmt: skip
    row.round = made
    _end(row, ACCEPTED, by_id=by_id)
    audit.record(by_id, "fieldwork.proposal_accepted", subject(row), {"round": code})
    return made


@transaction.atomic
def decline(number: int, *, note: str, by_id: int) -> None:
    """Decline a proposal with a reason; the same is not proposed for thirty days."""
    row = _locked(number)
    permissions.require_in(by_id, belonging.MANAGE, network.units_of_assets(row.pipes))
    row.note = note.strip()
    _end(row, DECLINED, by_id=by_id)
    audit.record(by_id, "fieldwork.proposal_declined", subject(row), {"reason": row.note})


def _locked(number: int) -> models.PatrolProposal:
    row = models.PatrolProposal.objects.select_for_update().get(pk=number)
    if row.state != OPEN:
        raise refusals.ProposalDecided(number, row.state)
    return row


def _end(row: models.PatrolProposal, state: str, *, by_id: int | None) -> None:
    row.state, row.decided_at, row.decided_by_id = state, clock.now(), by_id
    row.save()


def may_decide(reader: Any, row: models.PatrolProposal) -> bool:
    """Tell whether somebody may make the round of a proposal, or decline it."""
    if not permissions.holds(reader, belonging.MANAGE):
        return False
    return permissions.units_of(reader, belonging.MANAGE) is None or all(
        permissions.may_in(reader, belonging.MANAGE, unit)
        for unit in network.units_of_assets(row.pipes)
    )


def ranked() -> QuerySet[Any]:
    """Return all proposals with their ``place``: water that runs off now comes before bursts.

    Sizes of two reasons are of two units and are never compared. The place is a number that grows;
    where two sizes are the same, the proposal that waits longer comes first.
    """
    first = Case(
        *(When(reason=reason, then=Value(at)) for at, reason in enumerate(PRESSING_FIRST)),
        default=Value(len(PRESSING_FIRST)),
    )
    order = (first, F("size").desc(), F("proposed_at"), F("pk"))
    return models.PatrolProposal.objects.annotate(place=Window(RowNumber(), order_by=order))


def proposals() -> list[models.PatrolProposal]:
    """Return the proposals that wait for a leader, the most pressing first."""
    waiting: QuerySet[Any] = ranked().filter(state=OPEN)
    return list(waiting.order_by("place"))


def next_code(purpose: str) -> str:
    """Return the next free number of a round, such as CL-04 for a leak survey."""
    stem = "CL" if purpose == kinds.Purpose.LEAK_SURVEY else "XJ"
    taken = set(models.PatrolRound.objects.filter(code__startswith=f"{stem}-").values_list(
        "code", flat=True))  # fmt: skip
    return next(code for code in (f"{stem}-{n:02d}" for n in range(1, 10_000)) if code not in taken)


def usual_name(row: models.PatrolProposal) -> str:
    """Return what its round would be called."""
    zone = network.zone_names().get(row.zone_code, row.zone_code)
    return _("Leak survey of zone %(zone)s") % {"zone": zone}
