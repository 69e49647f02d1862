"""Owners' chat groups, their messages, and what was counted of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from statistics import median

from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from huoshui.areas.hotline import refusals
from huoshui.areas.hotline.contracts import MessageState
from huoshui.areas.hotline.models import ChatGroup, ChatMessage, Topic
from huoshui.kernel import clock
from huoshui.kernel.organisation import tree
from huoshui.kernel.organisation.models import Membership


def groups() -> QuerySet[ChatGroup]:
    """Return all groups with the number of messages that wait, and the latest one's moment."""
    mine = ChatMessage.objects.filter(group=OuterRef("pk")).order_by().values("group")
    waiting = mine.filter(state=MessageState.WAITING).annotate(n=Count("pk")).values("n")
    latest = mine.annotate(latest=Max("sent_at")).values("latest")
    return ChatGroup.objects.select_related("specialist").annotate(
        waiting=Coalesce(Subquery(waiting), 0), latest=Subquery(latest)
    )


def group(group_id: int) -> ChatGroup:
    """Return one group, or refuse with `hotline.no_such_chat_group`."""
    found = groups().filter(pk=group_id).first()
    if found is None:
        raise refusals.NoSuch("chat_group", group_id)
    return found


def messages() -> QuerySet[ChatMessage]:
    """Return all messages with their group and the topic proposed or given."""
    return ChatMessage.objects.select_related("group", "topic", "topic__above", "handled_by")


def message(message_id: int) -> ChatMessage:
    """Return one message, or refuse with `hotline.no_such_message`."""
    found = messages().filter(pk=message_id).first()
    if found is None:
        raise refusals.NoSuch("message", message_id)
    return found


def words_of_topics() -> dict[str, tuple[str, ...]]:
    """Return by which words of a chat each topic that is offered is proposed."""
    rows = Topic.objects.filter(is_retired=False, above__isnull=False).exclude(chat_words="")
    return {
        code: tuple(one.strip() for one in words.splitlines() if one.strip())
        for code, words in rows.order_by("above__order", "order", "code").values_list(
            "code", "chat_words"
        )
    }


def unit_of(user_id: int | None) -> str | None:
    """Return the code of the unit in which somebody works today, or None."""
    if user_id is None:
        return None
    rows = Membership.objects.valid_on(tree.today()).filter(user_id=user_id)
    pk = rows.order_by("pk").values_list("unit_id", flat=True).first()
    node = tree.on().nodes.get(pk) if pk is not None else None
    return node.code if node else None


@dataclass
class Month:
    """What came of the messages of one estate's groups in one month."""

    estate_code: str
    month: date
    messages: int = 0
    proposed: int = 0
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(MessageState, 0))
    minutes: list[float] = field(default_factory=list)

    @property
    def response_min(self) -> float | None:
        """Median minutes from a message to its case or answer; None where there was none."""
        return median(self.minutes) if self.minutes else None


def by_month() -> list[Month]:
    """Return the figures of all estates and months, the latest month first.

    A message belongs to the month in which it was sent, by the city's clock.
    """
    found: dict[tuple[str, date], Month] = {}
    rows = ChatMessage.objects.values_list(
        "group__estate_code", "sent_at", "state", "handled_at", "hit_words"
    )
    for estate, sent_at, state, handled_at, hit in rows.iterator():
        first = clock.local(sent_at).date().replace(day=1)
        one = found.setdefault((estate, first), Month(estate, first))
        one.messages += 1
        one.proposed += bool(hit)
        one.counts[MessageState(state)] += 1
        if handled_at and state in (MessageState.CASE, MessageState.ANSWERED):
            one.minutes.append((handled_at - sent_at).total_seconds() / 60)
    return sorted(found.values(), key=lambda one: (-one.month.toordinal(), one.estate_code))
