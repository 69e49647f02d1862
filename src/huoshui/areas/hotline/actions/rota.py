"""Who sits at the hotline when."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.hotline import refusals
from huoshui.areas.hotline.models import Shift
from huoshui.kernel import audit, clock, notices
from huoshui.kernel.accounts import permissions
from huoshui.kernel.accounts.models import User

LONGEST = timedelta(hours=24)
REPEATS_MAX = 62
URL = "/hotline/rota/"


def _agent(user_id: int) -> User:
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None or not permissions.holds(user, "hotline.take_calls"):
        raise refusals.NeedsValue("user", _("Choose somebody who takes calls."))
    return user


def _refuse_overlap(user_id: int, from_at: datetime, until: datetime, but: int | None) -> None:
    others = Shift.objects.filter(
        user_id=user_id, cancelled_at__isnull=True, from_at__lt=until, until__gt=from_at
    )
    other = (others if but is None else others.exclude(pk=but)).first()
    if other is not None:
        raise refusals.NotNow(_("This person is on duty at that time already."), shift=other.pk)


@transaction.atomic
def plan_shift(
    *, user_id: int, from_at: datetime, until: datetime, days: int = 1, by_id: int | None
) -> list[Shift]:
    """Plan a shift, on so many days one after the other.

    Refuses what does not end after it begins or lasts beyond a day, and a person who is on duty.
    """
    user = _agent(user_id)
    if not from_at < until <= from_at + LONGEST:
        raise refusals.NeedsValue("until", _("A shift ends after it begins, within 24 hours."))
    planned = []
    for day in range(min(max(days, 1), REPEATS_MAX)):
        # Counted on the wall of the city, so that eight o'clock stays eight o'clock.
        begin, end = (_later(one, day) for one in (from_at, until))
        _refuse_overlap(user.pk, begin, end, None)
        planned.append(
            Shift.objects.create(user=user, from_at=begin, until=end, planned_at=clock.now())
        )
    audit.record(
        by_id, "hotline.shift_planned", f"hotline.shift:{planned[0].pk}",
        {"who": str(user), "from": from_at.isoformat(), "until": until.isoformat(), "days": days},
    )  # fmt: skip
    return planned


def _later(moment: datetime, days: int) -> datetime:
    wall = clock.local(moment).replace(tzinfo=None) + timedelta(days=days)
    return wall.replace(tzinfo=clock.local_zone())


def _shift(shift_id: int) -> Shift:
    found = Shift.objects.select_for_update(of=("self",)).filter(pk=shift_id).first()
    if found is None:
        raise refusals.NoSuch("shift", shift_id)
    if found.cancelled_at is not None or found.until <= clock.now():
        raise refusals.NotNow(_("This shift is over or cancelled."), shift=shift_id)
    return found


@transaction.atomic
def offer_shift(shift_id: int, *, to_id: int, by_id: int) -> None:
    """Offer one's own shift to a colleague, who is told; it is theirs once they agree."""
    shift = _shift(shift_id)
    if shift.user_id != by_id:
        raise refusals.NotNow(_("Only whose shift it is may offer it."), shift=shift_id)
    other = _agent(to_id)
    _refuse_overlap(other.pk, shift.from_at, shift.until, None)
    shift.offered_to = other
    shift.save(update_fields=["offered_to"])
    audit.record(by_id, "hotline.shift_offered", f"hotline.shift:{shift_id}", {"to": str(other)})
    notices.send(
        users=[other],
        title=_("A colleague asks you to take a shift"),
        url=URL,
        key=f"hotline.shift:{shift_id}:{other.pk}",
    )


@transaction.atomic
def accept_shift(shift_id: int, *, by_id: int) -> None:
    """Take the shift that a colleague offered."""
    shift = _shift(shift_id)
    if shift.offered_to_id != by_id:
        raise refusals.NotNow(_("This shift is not offered to you."), shift=shift_id)
    _refuse_overlap(by_id, shift.from_at, shift.until, shift.pk)
    before = shift.user_id
    shift.user_id, shift.offered_to = by_id, None
    shift.save(update_fields=["user", "offered_to"])
    audit.record(by_id, "hotline.shift_taken", f"hotline.shift:{shift_id}", {"before_id": before})
    notices.send(
        users=[before],
        title=_("A colleague has taken your shift"),
        url=URL,
        key=f"hotline.shift:{shift_id}:taken:{by_id}",
    )


@transaction.atomic
def cancel_shift(shift_id: int, *, by_id: int | None) -> None:
    """Take a shift off the rota."""
    shift = _shift(shift_id)
    shift.cancelled_at = clock.now()
    shift.save(update_fields=["cancelled_at"])
    audit.record(by_id, "hotline.shift_cancelled", f"hotline.shift:{shift_id}", {})
