"""What gateways and readers tell us afterwards: arrived, lost, opened, no more of these."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from huoshui.areas.announcements import models, outbox, rules
from huoshui.areas.announcements.contracts import DeliveryState
from huoshui.kernel import audit, clock


@dataclass(frozen=True)
class Receipt:
    """What a gateway says of one message, named by its own number or by our key."""

    way: str
    arrived: bool
    provider_id: str = ""
    key: str = ""
    reason: str = ""
    text: str = ""


def note_receipt(receipt: Receipt) -> bool:
    """Take a receipt down; tell whether it named a message of ours.

    Harmless twice, and in any order: what was opened is not made delivered again, and a receipt
    may come before we have written down that the message was taken.
    """
    with transaction.atomic():
        row = _message_of(receipt)
        if row is None:
            return False
        now = clock.now()
        mine = models.Delivery.objects.filter(pk=row.pk)
        if receipt.arrived:
            mine.filter(state__in=(DeliveryState.SENDING, DeliveryState.SENT)).update(
                state=DeliveryState.DELIVERED, delivered_at=now
            )
            mine.filter(delivered_at__isnull=True).update(delivered_at=now)
        else:
            lost = mine.filter(state__in=(DeliveryState.SENDING, DeliveryState.SENT)).update(
                state=DeliveryState.FAILED,
                reason=receipt.reason or "not_delivered",
                reason_text=receipt.text[:200],
            )
            if lost:
                outbox.try_next_way(row.recipient_id, row.announcement_id)
                _go_on(row.announcement_id)
    return True


def _go_on(announcement_id: int) -> None:
    from huoshui.areas.announcements.contracts import State

    waiting = models.Delivery.objects.filter(
        announcement_id=announcement_id, state=DeliveryState.QUEUED
    )
    if waiting.exists():
        models.Announcement.objects.filter(pk=announcement_id, state=State.DONE).update(
            state=State.SENDING, ended_at=None
        )


def _message_of(receipt: Receipt) -> models.Delivery | None:
    if receipt.key:
        parts = receipt.key.split("-")
        try:
            pk = int(parts[1], 16)
        except (IndexError, ValueError):
            return None
        if not 0 < pk < 2**63:
            return None
        row = models.Delivery.objects.select_related("announcement").filter(pk=pk).first()
        # Of an earlier round the receipt comes too late: the message was sent anew since.
        return row if row and row.way == receipt.way and outbox.key_of(row) == receipt.key else None
    if not receipt.provider_id:
        return None
    rows = models.Delivery.objects.filter(way=receipt.way, provider_id=receipt.provider_id)
    return rows.order_by("-id").first()


def note_opened(delivery_id: int, *, announcement_id: int | None = None) -> None:
    """Take down that somebody opened the page their message led to; the first time counts."""
    now = clock.now()
    opened = Q(state__in=(DeliveryState.SENDING, DeliveryState.SENT, DeliveryState.DELIVERED))
    rows = models.Delivery.objects.filter(opened, pk=delivery_id, read_at__isnull=True)
    if announcement_id is not None:
        rows = rows.filter(announcement_id=announcement_id)
    # Looked up first: a page that anybody may open must not take the write lock each time.
    if rows.exists():
        rows.update(state=DeliveryState.READ, read_at=now)


def note_opt_out(way: str, address: str, *, told_by: str) -> bool:
    """Take down that an address wants no more over a channel; what waits for it is stopped.

    Audited with the address masked. Tells whether it is new.
    """
    from huoshui.kernel.accounts import personal

    plain = rules.digits(address) if way == "sms" else address.strip()
    if not plain:
        return False
    with transaction.atomic():
        _row, is_new = models.OptOut.objects.get_or_create(
            way=way, address=plain, defaults={"since_at": clock.now(), "told_by": told_by}
        )
        if is_new:
            shown = personal.mask_phone(plain) if way == "sms" else f"…{plain[-4:]}"
            audit.record(
                None, "announcements.opted_out", f"announcements.address:{shown}", {"channel": way}
            )
        field = {"sms": "phone", "wechat": "wechat", "email": "email"}[way]
        models.Delivery.objects.filter(
            **{f"recipient__{field}__in": {plain, address.strip()}},
            way=way,
            state__in=(DeliveryState.QUEUED, DeliveryState.HELD),
        ).update(state=DeliveryState.LEFT_OUT, reason=rules.OPTED_OUT)
    return is_new


def note_opt_in(way: str, address: str) -> bool:
    """Take down that an address wants messages again, as its owner told us there. Audited."""
    with transaction.atomic():
        gone, _each = models.OptOut.objects.filter(way=way, address=address).delete()
        if gone:
            audit.record(
                None, "announcements.opted_in", f"announcements.address:…{address[-4:]}",
                {"channel": way},
            )  # fmt: skip
    return bool(gone)
