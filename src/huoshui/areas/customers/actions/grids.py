"""Grids: their people, their estates, and proposals that even out their load."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import balancing, contracts, queries, rules
from huoshui.areas.customers.contracts import PlanState
from huoshui.areas.customers.models import Estate, Grid, GridPlan
from huoshui.areas.customers.refusals import (
    CodeNotPossible,
    CodeTaken,
    DeputyIsSpecialist,
    NoSuch,
    NothingToMove,
    OwnPlan,
    PlanDecided,
)
from huoshui.kernel import audit, clock, events, files

NOWHERE = float("nan")


def add_grid(code: str, name: str, *, by_id: int | None) -> Grid:
    """Make a grid. Refuses with `customers.code_not_possible` and `customers.code_taken`."""
    if not rules.is_code(code):
        raise CodeNotPossible(code)
    with transaction.atomic():
        if Grid.objects.filter(code=code).exists():
            raise CodeTaken(code)
        row = Grid.objects.create(code=code, name=name.strip()[:100] or code)
        audit.record(by_id, "customers.grid_added", f"customers.grid:{code}", {"name": row.name})
    return row


def choose_people(
    grid_code: str,
    *,
    specialist_id: int | None,
    deputy_id: int | None,
    phone: str = "",
    duties: str = "",
    name: str = "",
    photo: Any = None,
    by_id: int | None,
) -> Grid:
    """Say who looks after a grid, and what its notice boards tell residents.

    Boards that show another specialist are no longer valid from then on. Refuses a deputy who is
    the specialist (`customers.deputy_is_specialist`), and what is no photo.
    """
    if specialist_id is not None and specialist_id == deputy_id:
        raise DeputyIsSpecialist(grid_code)
    with transaction.atomic():
        row = _grid(grid_code)
        before = {"specialist": row.specialist_id, "deputy": row.deputy_id, "phone": row.phone}
        row.specialist_id, row.deputy_id = specialist_id, deputy_id
        row.phone = phone.strip()[:40]
        row.duties = duties.strip()[:2000]
        row.name = name.strip()[:100] or row.name
        if photo is not None:
            row.photo = files.keep(photo, by_id, "customers.staff")
        row.save()
        after = {"specialist": specialist_id, "deputy": deputy_id, "phone": row.phone}
        audit.record(
            by_id, "customers.grid_changed", f"customers.grid:{grid_code}",
            {"before": before, "after": after},
        )  # fmt: skip
    return row


def move_estates(moves: Mapping[str, str], *, by_id: int | None) -> int:
    """Give estates to grids by hand: estate code to grid code, empty for none; return how many.

    Refuses unknown codes with `customers.no_such`; then nothing is moved.
    """
    with transaction.atomic():
        changed = _move(moves)
        if changed:
            audit.record(
                by_id, "customers.estates_moved", "customers.grids",
                {"codes": sorted(changed), "to": sorted(set(moves.values()) - {""})},
            )  # fmt: skip
    return len(changed)


def propose_plan(*, by_id: int | None, why: str = "") -> GridPlan:
    """Work out which estates should move so that the load is even, and keep it as a proposal.

    Refuses with `customers.nothing_to_move`.
    """
    ground, grids = _ground(), _codes()
    moves = balancing.proposal(ground, grids)
    return keep_plan(moves, by_id=by_id, why=why)


def keep_plan(moves: Sequence[balancing.Move], *, by_id: int | None, why: str = "") -> GridPlan:
    """Keep moves as a proposal that somebody else decides, with the load before and after."""
    if not moves:
        raise NothingToMove
    ground, grids = _ground(), _codes()
    with transaction.atomic():
        to = {one.estate: one.to_grid for one in moves}
        after = [
            balancing.Ground(one.code, one.lon, one.lat, one.load, to.get(one.code, one.grid))
            for one in ground
        ]
        plan = GridPlan.objects.create(
            moves=[[one.estate, one.from_grid, one.to_grid] for one in moves],
            before=_summary(ground, grids),
            after=_summary(after, grids),
            why=why.strip()[:300],
            made_at=clock.now(),
            made_by_id=by_id,
        )
        audit.record(
            by_id, "customers.plan_made", f"customers.plan:{plan.pk}", {"count": len(moves)}
        )
    return plan


def decide_plan(number: int, *, approve: bool, by_id: int | None) -> GridPlan:
    """Approve a proposal, which moves its estates, or refuse it. Publishes `EstatesMoved`.

    Refuses whoever made it (`customers.own_plan`), and one that is decided or out of date
    (`customers.plan_decided`).
    """
    with transaction.atomic():
        plan = GridPlan.objects.select_for_update().filter(pk=number).first()
        if plan is None:
            raise NoSuch(_("Proposal"), number)
        if plan.state != PlanState.PROPOSED:
            raise PlanDecided(number)
        if approve and by_id is not None and plan.made_by_id == by_id:
            raise OwnPlan(number)
        if approve:
            _refuse_outdated(plan)
            _move({estate: to for estate, _from, to in plan.moves})
        plan.state = PlanState.APPROVED if approve else PlanState.REFUSED
        plan.decided_at, plan.decided_by_id = clock.now(), by_id
        plan.save()
        audit.record(
            by_id, "customers.plan_decided", f"customers.plan:{number}", {"state": str(plan.state)}
        )
        if approve:
            events.publish(
                contracts.EstatesMoved(
                    plan_id=plan.pk,
                    estate_codes=tuple(one[0] for one in plan.moves),
                    at=plan.decided_at,
                    by_id=by_id,
                )
            )
    return plan


def _refuse_outdated(plan: GridPlan) -> None:
    """Refuse a proposal whose estates have another grid than when it was made."""
    codes = [one[0] for one in plan.moves]
    now = dict(Estate.objects.filter(code__in=codes).values_list("code", "grid__code"))
    if any((now.get(estate) or "") != before for estate, before, _to in plan.moves):
        raise PlanDecided(plan.pk)


def _move(moves: Mapping[str, str]) -> list[str]:
    grids = {row.code: row.pk for row in Grid.objects.all()}
    estates = {row.code: row for row in Estate.objects.filter(code__in=list(moves))}
    changed = []
    for code, to in moves.items():
        if code not in estates:
            raise NoSuch(_("Estate"), code)
        if to and to not in grids:
            raise NoSuch(_("Grid"), to)
        wanted = grids[to] if to else None
        if estates[code].grid_id != wanted:
            estates[code].grid_id = wanted
            changed.append(code)
    Estate.objects.bulk_update([estates[code] for code in changed], ["grid"], batch_size=200)
    return changed


def _ground() -> list[balancing.Ground]:
    counts = queries.accounts_by_estate()
    return [
        balancing.Ground(
            row.code, NOWHERE if row.lon is None else row.lon,
            NOWHERE if row.lat is None else row.lat, counts.get(row.pk, 0),
            row.grid.code if row.grid else "",
        )
        for row in Estate.objects.select_related("grid").order_by("code")
    ]  # fmt: skip


def _codes() -> list[str]:
    return list(Grid.objects.order_by("code").values_list("code", flat=True))


def _summary(ground: Sequence[balancing.Ground], grids: Sequence[str]) -> dict[str, list[int]]:
    load = balancing.loads(ground, grids)
    return {code: [load[code], sum(1 for one in ground if one.grid == code)] for code in grids}


def _grid(code: str) -> Grid:
    row = Grid.objects.select_for_update().filter(code=code).first()
    if row is None:
        raise NoSuch(_("Grid"), code)
    return row
