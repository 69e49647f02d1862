"""Where agents sit, and whether they take calls."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.hotline import refusals
from huoshui.areas.hotline.contracts import SeatState
from huoshui.areas.hotline.models import AgentSeat
from huoshui.kernel import audit, clock

CHOSEN = (SeatState.READY, SeatState.AWAY, SeatState.WRAP_UP)


@transaction.atomic
def sit_down(*, user_id: int, extension: str) -> AgentSeat:
    """Say at which extension somebody sits; they take calls from then on.

    Refuses an empty one, and one at which somebody takes calls just now; of somebody who has gone
    away the extension is taken over.
    """
    extension = extension.strip()[:20]
    if not extension:
        raise refusals.NeedsValue("extension", _("Please name your extension."))
    other = AgentSeat.objects.select_related("user").filter(extension=extension).first()
    if other is not None and other.user_id != user_id:
        if other.state != SeatState.AWAY:
            raise refusals.ExtensionTaken(extension, str(other.user))
        other.delete()
    now = clock.now()
    seat, _made = AgentSeat.objects.update_or_create(
        user_id=user_id,
        defaults={"extension": extension, "state": SeatState.READY, "since_at": now},
    )
    audit.record(user_id, "hotline.seat_taken", f"hotline.seat:{extension}", {})
    return seat


@transaction.atomic
def change_state(*, user_id: int, state: SeatState) -> AgentSeat:
    """Say whether one takes calls; busy is said by the telephone alone."""
    if state not in CHOSEN:
        raise refusals.NotNow(_("Only the telephone says that you are busy."), state=str(state))
    seat = AgentSeat.objects.select_for_update(of=("self",)).filter(user_id=user_id).first()
    if seat is None:
        raise refusals.NeedsValue("extension", _("Please name your extension."))
    if seat.state != state:
        seat.state, seat.since_at = state, clock.now()
        seat.save(update_fields=["state", "since_at"])
        audit.record(
            user_id, "hotline.seat_changed", f"hotline.seat:{seat.extension}", {"state": str(state)}
        )
    return seat
