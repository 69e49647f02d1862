"""Reporting what was done to a valve, and how it was found."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.network import contracts
from huoshui.areas.network.contracts import Kind, Operability
from huoshui.areas.network.models import Asset, ValveCondition, ValveTurn
from huoshui.areas.network.refusals import NotAValve, TurnImpossible, UnknownAssets
from huoshui.kernel import audit, clock, events


def report_turn(
    code: str,
    *,
    opening_frac: float,
    by_id: int | None,
    turned_at: datetime | None = None,
    turned_by: str = "",
    turns: float | None = None,
    note: str = "",
    corrects_id: int | None = None,
) -> int:
    """Report that a valve was turned; return the number of the turn.

    With ``corrects_id`` an earlier report was wrong and this one stands for it. Refuses what is no
    valve (`network.not_a_valve`) and what cannot have happened (`network.turn_impossible`).
    """
    now = clock.now()
    moment = turned_at or now
    if not 0 <= opening_frac <= 1:
        raise TurnImpossible(_("A valve is open between 0 and 100 per cent."))
    if moment > now:
        raise TurnImpossible(_("A turn cannot be reported before it happens."))
    with transaction.atomic():
        valve = _valve(code)
        if (
            corrects_id is not None
            and not ValveTurn.objects.filter(
                id=corrects_id, valve=valve, corrected_by=None
            ).exists()
        ):
            raise TurnImpossible(_("That turn is not of this valve, or was corrected already."))
        turn = ValveTurn.objects.create(
            valve=valve,
            opening_frac=opening_frac,
            turned_at=moment,
            turned_by=turned_by[:120],
            turns=turns,
            note=note[:300],
            corrects_id=corrects_id,
            recorded_at=now,
            recorded_by_id=by_id,
        )
        audit.record(
            by_id,
            "network.report_turn",
            f"network.asset:{code}",
            {
                "opening_frac": opening_frac,
                "turned_at": moment.isoformat(),
                "corrects": corrects_id,
            },
        )
        events.publish(
            contracts.ValveTurned(
                asset_code=code, opening_frac=opening_frac, turned_at=moment, by_id=by_id, at=now
            )
        )
    return turn.id


def report_condition(
    code: str,
    *,
    operability: Operability,
    by_id: int | None,
    seen_at: datetime | None = None,
    seen_by: str = "",
    note: str = "",
) -> int:
    """Report how a valve was found; its state stays what it was. Return the report's number.

    Refuses what is no valve (`network.not_a_valve`) and a day to come (`network.turn_impossible`).
    """
    now = clock.now()
    moment = seen_at or now
    if moment > now:
        raise TurnImpossible(_("A valve cannot be looked at on a day to come."))
    with transaction.atomic():
        found = ValveCondition.objects.create(
            valve=_valve(code),
            operability=str(operability),
            seen_at=moment,
            seen_by=seen_by[:120],
            note=note[:300],
            recorded_at=now,
            recorded_by_id=by_id,
        )
        audit.record(
            by_id,
            "network.report_condition",
            f"network.asset:{code}",
            {"operability": str(operability), "seen_at": moment.isoformat()},
        )
    return found.id


def _valve(code: str) -> Asset:
    row = Asset.objects.present().filter(code=code).first()
    if row is None:
        raise UnknownAssets([code])
    if row.kind != Kind.VALVE:
        raise NotAValve(code)
    return row
