"""The sender: takes queued messages, hands them to their channel, and keeps what came of each.

A row is claimed in a transaction of its own before anything leaves, and carries a key that stays
the same however often it is sent. So if the process dies in between, the row is found claimed, and
goes again only over a channel that knows the key; else a person decides. See docs/decisions/0021.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Case, F, Q, QuerySet, Value, When

from huoshui.areas.announcements import audience, channels, rules, setups, wording
from huoshui.areas.announcements.channels.base import (
    Accepted,
    Later,
    Message,
    Outcome,
    Rejected,
)
from huoshui.areas.announcements.contracts import DeliveryState, State
from huoshui.areas.announcements.models import (
    Announcement,
    ChannelSetup,
    Delivery,
    SendingRules,
)
from huoshui.kernel import clock

logger = logging.getLogger("huoshui.announcements")

BATCH = 40
SLICE_S = 15.0
# Longer than any gateway is waited for: what is claimed longer was left by a process that died.
LEASE = timedelta(seconds=90)


@dataclass(frozen=True)
class Claimed:
    """One message that is ours to send now."""

    delivery_id: int
    recipient_id: int
    announcement_id: int
    way: str
    attempts: int
    first_way_only: bool
    message: Message


def house_rules() -> SendingRules:
    """Return the rules of sending, the defaults where nobody changed them."""
    return SendingRules.objects.order_by("pk").first() or SendingRules()


def is_quiet_now(row: SendingRules) -> bool:
    """Tell whether people are left in peace now."""
    return rules.is_quiet(clock.local(clock.now()), row.quiet_from, row.quiet_until)


def due() -> bool:
    """Tell whether the sender has something to do; asked often, so it is cheap."""
    if Delivery.objects.filter(state=DeliveryState.SENDING, claimed_at__lt=_left()).exists():
        return True
    if not Announcement.objects.filter(state=State.SENDING).exists():
        return False
    if Announcement.objects.filter(state=State.SENDING, until_at__lte=clock.now()).exists():
        return True
    return next(_sendable(), None) is not None or next(_finished(), None) is not None


def send_slice(*, seconds: float = SLICE_S, batches_max: int | None = None) -> int:
    """Send for some seconds; return how many messages were tried.

    Others need the worker too, so a long list is sent in slices, each begun by the schedule.
    """
    take_back_abandoned()
    stop_what_is_over()
    until = time.monotonic() + seconds
    tried = batches = 0
    while time.monotonic() < until and (batches_max is None or batches < batches_max):
        batch = claim()
        if not batch:
            break
        _deliver(batch)
        tried += len(batch)
        batches += 1
    finish()
    return tried


def take_back_abandoned() -> int:
    """Decide on messages that a process had claimed when it died; return how many there were."""
    left = Delivery.objects.filter(state=DeliveryState.SENDING, claimed_at__lt=_left())
    count = 0
    for row in left.select_related("announcement"):
        since_at = row.uncertain_at or row.claimed_at
        with transaction.atomic():
            mine = Delivery.objects.filter(pk=row.pk, state=DeliveryState.SENDING)
            if _may_repeat(row.way, since_at) and row.announcement.state != State.RECALLED:
                count += mine.update(
                    state=DeliveryState.QUEUED, next_at=None, claimed_at=None, uncertain_at=since_at
                )
            else:
                count += mine.update(**UNKNOWN)
    return count


def stop_what_is_over() -> int:
    """Stop what waits although its announcement is over by now; return how many messages.

    An outage of the night is no news in the morning: what the quiet hours held back, or a gateway,
    helps nobody any more.
    """
    over = Announcement.objects.filter(state=State.SENDING, until_at__lte=clock.now())
    waiting = Delivery.objects.filter(
        announcement__in=over.values("pk"), state__in=(DeliveryState.QUEUED, DeliveryState.HELD)
    )
    return waiting.update(state=DeliveryState.CANCELLED, reason=rules.OVER, next_at=None)


# What becomes of a message whose gateway would not know its key any more.
UNKNOWN: dict[str, Any] = {
    "state": DeliveryState.FAILED,
    "reason": rules.OUTCOME_UNKNOWN,
    "next_at": None,
    "claimed_at": None,
}


def _may_repeat(way: str, uncertain_at: datetime | None) -> bool:
    """Tell whether sending again cannot double: nothing is uncertain, or the key is still known."""
    safe_s = channels.KNOWN[way].repeat_safe_s
    if uncertain_at is None or safe_s is None:
        return True
    return (clock.real_now() - uncertain_at).total_seconds() < safe_s


def _left() -> datetime:
    return clock.real_now() - LEASE


# Claiming ---------------------------------------------------------------------------------


def _open_ways() -> list[str]:
    now = clock.now()
    return [
        way
        for way, one in setups.standing().items()
        if one.is_ready and (one.paused_until is None or one.paused_until <= now)
    ]


def _sendable() -> Iterator[QuerySet[Delivery]]:
    """Yield what may leave now, announcement by announcement, the urgent ones first."""
    ways = _open_ways()
    if not ways:
        return
    quiet = is_quiet_now(house_rules())
    active = Announcement.objects.filter(state=State.SENDING).order_by("-is_urgent", "released_at")
    for pk, is_urgent in active.values_list("pk", "is_urgent"):
        if quiet and not is_urgent:
            continue
        rows = Delivery.objects.filter(
            Q(next_at__isnull=True) | Q(next_at__lte=clock.now()),
            announcement_id=pk,
            state=DeliveryState.QUEUED,
            way__in=ways,
        )
        if rows.exists():
            yield rows


def claim(size: int = BATCH) -> list[Claimed]:
    """Make some queued messages ours, so that nobody else sends them; return them."""
    with transaction.atomic():
        rows = next(_sendable(), None)
        if rows is None:
            return []
        rows = rows.order_by("id")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        found = list(rows.select_related("recipient", "announcement")[:size])
        lost = [row.pk for row in found if not _may_repeat(row.way, row.uncertain_at)]
        Delivery.objects.filter(pk__in=lost).update(**UNKNOWN)
        declined = audience.declined_since(found)
        left_out = {row.pk for row in found if row.pk in declined and row.pk not in lost}
        Delivery.objects.filter(pk__in=left_out).update(
            state=DeliveryState.LEFT_OUT, reason=rules.OPTED_OUT, reason_text="", next_at=None
        )
        for row in found:
            if row.pk in left_out and row.announcement.first_way_only:
                try_next_way(row.recipient_id, row.announcement_id)
        found = [row for row in found if row.pk not in lost and row.pk not in left_out]
        Delivery.objects.filter(pk__in=[row.pk for row in found]).update(
            state=DeliveryState.SENDING, claimed_at=clock.real_now(), attempts=F("attempts") + 1
        )
    address = house_rules().page_address
    return [_claimed(row, address) for row in found]


def _claimed(row: Delivery, page_address: str) -> Claimed:
    person, said = row.recipient, row.announcement
    words = wording.for_person(said, name=person.name, account=person.account_code)
    return Claimed(
        delivery_id=row.pk,
        recipient_id=person.pk,
        announcement_id=said.pk,
        way=row.way,
        attempts=row.attempts + 1,
        first_way_only=said.first_way_only,
        message=Message(
            key=key_of(row),
            address=audience.address_of(row),
            kind=said.kind,
            title=words.title,
            text=words.text,
            parameters=words.parameters,
            page_url=wording.page_url(page_address, said, row.pk),
        ),
    )


def key_of(row: Delivery) -> str:
    """Return the key by which a gateway knows a message again; at most 32 characters."""
    return f"{row.announcement.token[:12]}-{row.pk:x}-{row.round}"


# Delivering -------------------------------------------------------------------------------


def _deliver(batch: list[Claimed]) -> None:
    standing = setups.standing()
    for way in dict.fromkeys(one.way for one in batch):
        mine = [one for one in batch if one.way == way]
        one = standing[way]
        began = time.monotonic()
        with ThreadPoolExecutor(max_workers=one.config.number("parallel", 4)) as pool:
            waiting = {pool.submit(one.channel.send, c.message, one.config): c for c in mine}
            for future in as_completed(waiting):
                claimed = waiting[future]
                try:
                    outcome = future.result()
                except Exception:
                    # A fault of ours: what left before it is not known.
                    logger.exception("sending over %s failed", way)
                    outcome = Later("broken", is_certain=False)
                keep(claimed, outcome, one)
        least_s = len(mine) / one.config.number("per_second", 20)
        time.sleep(max(0.0, least_s - (time.monotonic() - began)))


@transaction.atomic
def keep(claimed: Claimed, outcome: Outcome, standing: setups.Standing) -> None:
    """Write down what came of one message; a receipt that was faster is not taken back."""
    if isinstance(outcome, Accepted):
        _keep_accepted(claimed, outcome, standing)
    elif isinstance(outcome, Rejected):
        _fail(claimed, outcome.reason, outcome.text)
    else:
        _keep_later(claimed, outcome)


def _keep_accepted(claimed: Claimed, outcome: Accepted, standing: setups.Standing) -> None:
    # One statement for what is written 100,000 times; a receipt that came first keeps its word.
    is_ours = Q(state=DeliveryState.SENDING)
    Delivery.objects.filter(pk=claimed.delivery_id).update(
        sent_at=clock.now(),
        provider_id=outcome.provider_id,
        # Added: a message that was lost and is sent again has been paid for twice.
        cost_cents=F("cost_cents") + standing.config.price_cents * outcome.parts,
        claimed_at=None,
        next_at=None,
        state=Case(When(is_ours, then=Value(str(DeliveryState.SENT))), default=F("state")),
        reason=Case(When(is_ours, then=Value("")), default=F("reason")),
        reason_text=Case(When(is_ours, then=Value("")), default=F("reason_text")),
    )
    if standing.trouble:
        ChannelSetup.objects.filter(way=claimed.way).update(
            trouble="", trouble_text="", paused_until=None
        )
    if claimed.first_way_only:
        Delivery.objects.filter(recipient_id=claimed.recipient_id, state=DeliveryState.HELD).update(
            state=DeliveryState.LEFT_OUT, reason=rules.NOT_NEEDED
        )


def _keep_later(claimed: Claimed, outcome: Later) -> None:
    now = clock.now()
    row = Delivery.objects.filter(pk=claimed.delivery_id, state=DeliveryState.SENDING)
    if outcome.pauses:
        until = now + timedelta(seconds=outcome.after_s or rules.BACKOFF_S)
        ChannelSetup.objects.filter(way=claimed.way).update(
            paused_until=until, trouble=outcome.reason, trouble_text=outcome.text, trouble_at=now
        )
        # Nothing is wrong with this message: its attempts are not used up by the channel's trouble.
        row.update(
            state=DeliveryState.QUEUED,
            next_at=until,
            attempts=F("attempts") - 1,
            reason=outcome.reason,
            reason_text=outcome.text,
            claimed_at=None,
        )
        return
    wait_s = outcome.after_s or rules.backoff_s(claimed.attempts)
    if not outcome.is_certain and channels.KNOWN[claimed.way].repeat_safe_s == 0:
        _fail(claimed, rules.OUTCOME_UNKNOWN, outcome.text or outcome.reason)
    elif claimed.attempts >= rules.ATTEMPTS_MAX:
        reason = rules.TOO_OFTEN if outcome.is_certain else rules.OUTCOME_UNKNOWN
        _fail(claimed, reason, outcome.text or outcome.reason)
    else:
        row.update(
            state=DeliveryState.QUEUED,
            next_at=now + timedelta(seconds=wait_s),
            reason=outcome.reason,
            reason_text=outcome.text,
            claimed_at=None,
        )
        if not outcome.is_certain:
            Delivery.objects.filter(pk=claimed.delivery_id, uncertain_at__isnull=True).update(
                uncertain_at=clock.real_now()
            )


def _fail(claimed: Claimed, reason: str, text: str) -> None:
    failed = Delivery.objects.filter(pk=claimed.delivery_id, state=DeliveryState.SENDING).update(
        state=DeliveryState.FAILED,
        reason=reason,
        reason_text=text,
        claimed_at=None,
        next_at=None,
    )
    if failed and reason != rules.OUTCOME_UNKNOWN:
        try_next_way(claimed.recipient_id, claimed.announcement_id)


def try_next_way(recipient_id: int, announcement_id: int) -> bool:
    """Queue the next channel of a person whom the one before did not reach."""
    said = Announcement.objects.only("ways", "state", "until_at").get(pk=announcement_id)
    is_over = said.until_at is not None and said.until_at <= clock.now()
    if said.state == State.RECALLED or is_over:
        return False
    ways = said.ways
    held = Delivery.objects.filter(recipient_id=recipient_id).filter(
        Q(state=DeliveryState.HELD) | Q(state=DeliveryState.LEFT_OUT, reason=rules.NOT_NEEDED)
    )
    rows = sorted(held, key=lambda row: ways.index(row.way) if row.way in ways else len(ways))
    if not rows:
        return False
    Delivery.objects.filter(pk=rows[0].pk).update(state=DeliveryState.QUEUED, reason="")
    return True


# Ending -----------------------------------------------------------------------------------


def _finished() -> Iterator[int]:
    for pk in Announcement.objects.filter(state=State.SENDING).values_list("pk", flat=True):
        waiting = Delivery.objects.filter(announcement_id=pk, state__in=rules.OPEN)
        if not waiting.exists():
            yield pk


def finish() -> int:
    """Say of announcements with nothing left to send that they are done; return how many."""
    done = 0
    for pk in list(_finished()):
        with transaction.atomic():
            done += Announcement.objects.filter(pk=pk, state=State.SENDING).update(
                state=State.DONE, ended_at=clock.now()
            )
    return done
