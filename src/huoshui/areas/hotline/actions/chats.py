"""Owners' chat groups: who is in them, what was copied out of them, and what became of it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import facade as customers
from huoshui.areas.hotline import case_types, chat_lines, refusals
from huoshui.areas.hotline.actions.wrapping import LIMIT_MINUTES
from huoshui.areas.hotline.contracts import MessageState
from huoshui.areas.hotline.models import Article, ChatGroup, ChatMessage, ChatPaste, Topic
from huoshui.areas.hotline.queries import chats as queries
from huoshui.areas.hotline.queries import knowledge, units
from huoshui.areas.hotline.queries.incidents import Spot
from huoshui.kernel import audit, cases, clock

KEPT = ("name", "estate_code", "specialist_id", "property_manager", "property_phone", "is_retired")
BAD_KEPT = 500


@transaction.atomic
def save_group(group_id: int | None, values: dict[str, Any], *, by_id: int | None) -> ChatGroup:
    """Register a group, or change one. Refuses a name that is taken, and an unknown estate."""
    row = queries.group(group_id) if group_id is not None else ChatGroup()
    name = str(values.get("name", row.name)).strip()
    if not name or ChatGroup.objects.filter(name=name).exclude(pk=row.pk).exists():
        raise refusals.NeedsValue("name", _("Give the group a name that no other has."))
    if customers.estate(str(values.get("estate_code", row.estate_code))) is None:
        raise refusals.NeedsValue("estate", _("Choose the estate of the group."))
    for key in KEPT:
        if key in values:
            setattr(row, key, values[key])
    row.name = name
    row.save()
    audit.record(
        by_id, "hotline.chat_group_saved", f"hotline.chat_group:{row.pk}",
        {"title": row.name, "estate": row.estate_code, "is_retired": row.is_retired},
    )  # fmt: skip
    return row


def take_over_estates(*, by_id: int | None) -> int:
    """Register the group of each estate whose register names one; return how many were new.

    The specialist is who looks after the estate.
    """
    known = set(ChatGroup.objects.values_list("name", flat=True))
    taken = 0
    for one in customers.owners_groups():
        if one.name in known:
            continue
        known.add(one.name)
        specialist = customers.specialist_of(one.estate_code)
        values = {
            "name": one.name, "estate_code": one.estate_code,
            "specialist_id": specialist.user_id if specialist else None,
            "property_manager": one.property_manager, "property_phone": one.property_phone,
        }  # fmt: skip
        save_group(None, values, by_id=by_id)
        taken += 1
    return taken


# What is brought in -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """One message to take."""

    sent_at: datetime
    sender: str
    text: str


def fingerprint(group_id: int, told: Told) -> str:
    """Return what makes two messages the same one: group, minute, sender and text.

    Seconds count for nothing, because one way of copying has them and another has not.
    """
    minute = told.sent_at.astimezone(clock.local_zone()).strftime("%Y-%m-%d %H:%M")
    parts = (str(group_id), minute, " ".join(told.sender.split()), "".join(told.text.split()))
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def paste(group_id: int, text: str, *, by_id: int | None) -> ChatPaste:
    """Take the messages of a text as it was copied out of a group; lines that are none are kept.

    Refuses an empty text, and a group in which we are no more.
    """
    if not text.strip():
        raise refusals.NeedsValue("text", _("Paste what you copied out of the group."))
    read = chat_lines.read(text, clock.local(clock.now()))
    zone = clock.local_zone()
    told = [Told(one.sent_at.replace(tzinfo=zone), one.sender, one.text) for one in read.lines]
    bad = [{"line": one.number, "code": one.code, "text": one.text} for one in read.bad[:BAD_KEPT]]
    return take(group_id, told, bad=bad, by_id=by_id)


@transaction.atomic
def take(
    group_id: int, told: Sequence[Told], *, bad: Sequence[dict[str, Any]] = (), by_id: int | None
) -> ChatPaste:
    """Keep messages, each once, and propose a topic where words of one stand in it. Audited."""
    group = queries.group(group_id)
    if group.is_retired:
        raise refusals.NotNow(_("We are in this group no more."), group=group_id)
    words_of = queries.words_of_topics()
    topics = {row.code: row for row in Topic.objects.filter(code__in=words_of)}
    prints = {fingerprint(group_id, one): one for one in reversed(told)}
    known = set(
        ChatMessage.objects.filter(fingerprint__in=prints).values_list("fingerprint", flat=True)
    )
    fresh = [(key, one) for key, one in reversed(prints.items()) if key not in known]
    row = ChatPaste.objects.create(
        group=group, taken_at=clock.now(), taken_by_id=by_id, taken=len(fresh),
        known=len(told) - len(fresh), bad=list(bad),
    )  # fmt: skip
    for key, one in fresh:
        proposal = chat_lines.propose(one.text, words_of)
        ChatMessage.objects.create(
            group=group, paste=row, sent_at=one.sent_at, sender=one.sender[:80], text=one.text,
            fingerprint=key, topic=topics[proposal.topic] if proposal else None,
            hit_words=" ".join(proposal.words)[:200] if proposal else "",
        )  # fmt: skip
    audit.record(
        by_id, "hotline.chat_taken", f"hotline.chat_group:{group_id}",
        {"messages": row.taken, "known_before": row.known, "bad_lines": len(bad)},
    )  # fmt: skip
    return row


# What becomes of it -------------------------------------------------------------------------------


def _waiting(message_id: int) -> ChatMessage:
    row = (
        ChatMessage.objects.select_for_update(of=("self",))
        .select_related("group", "topic")
        .filter(pk=message_id)
        .first()
    )
    if row is None:
        raise refusals.NoSuch("message", message_id)
    if row.state != MessageState.WAITING:
        raise refusals.NotNow(_("This message was handled already."), entry=message_id)
    return row


def _topic(code: str) -> Topic:
    found = Topic.objects.filter(code=code, is_retired=False, above__isnull=False).first()
    if found is None:
        raise refusals.NeedsValue("topic", _("Choose what the message is about."))
    return found


@transaction.atomic
def make_case(message_id: int, *, topic_code: str = "", account_code: str = "", by_id: int) -> str:
    """Open the case of a message; return its number. Without a topic the proposed one counts.

    The unit is the one the topic names, or else the specialist's own, or else the estate's; the
    specialist is made responsible unless the topic names a unit. Refuses a message without topic,
    one that was handled already, and an account that is not in the register.
    """
    row = _waiting(message_id)
    topic = _topic(topic_code or (row.topic.code if row.topic else ""))
    if account_code and customers.account(account_code) is None:
        raise refusals.NeedsValue("account", _("There is no account of this number."))
    whose = [("customers.account", account_code)] if account_code else []
    group, now = row.group, clock.now()
    estate = customers.estate(group.estate_code)
    answering = units.responsible(topic, Spot(None, None, group.estate_code, ""))
    unit = answering.code if answering else None
    if not (answering and answering.by_topic):
        unit = queries.unit_of(group.specialist_id) or unit
    place = estate.name if estate else ""
    fact = cases.open_case(
        topic.case_type,
        " · ".join(one for one in (topic.name_zh, place) if one),
        by_id=by_id,
        fields={"topic": topic.name_zh, "what": row.text},
        lon=estate.lon if estate else None,
        lat=estate.lat if estate else None,
        place=place,
        unit=unit,
        owner_id=None if answering and answering.by_topic else group.specialist_id,
        priority=topic.priority,
        channel="chat_group",
        links=[
            ("customers.estate", group.estate_code),
            ("hotline.chat_message", str(row.pk)),
            *whose,
        ],
        person={"name": row.sender, "phone": ""},
        due_at=_due(topic, now),
        key=f"hotline.chat:{row.pk}",
    )
    row.topic = topic
    row.case_number = fact.number
    _done(row, MessageState.CASE, by_id)
    audit.record(
        by_id, "hotline.message_case", f"hotline.message:{row.pk}",
        {"topic": topic.code, "case": fact.number},
    )  # fmt: skip
    return fact.number


def _due(topic: Topic, now: datetime) -> datetime | None:
    if topic.case_type != case_types.REPAIR:
        return None
    return now + timedelta(minutes=topic.limit_minutes or LIMIT_MINUTES)


@transaction.atomic
def answer(
    message_id: int, *, text: str, article_code: str = "", topic_code: str = "", by_id: int
) -> None:
    """Keep what a message was answered, with the article it came from. Refuses without words."""
    row = _waiting(message_id)
    article: Article | None = knowledge.article(article_code) if article_code else None
    said = text.strip() or (article.text.strip() if article else "")
    if not said:
        raise refusals.NeedsValue("answer", _("Write the answer, or choose an article."))
    if topic_code:
        row.topic = _topic(topic_code)
    row.answer, row.article = said, article
    _done(row, MessageState.ANSWERED, by_id)
    audit.record(
        by_id, "hotline.message_answered", f"hotline.message:{row.pk}",
        {"article": article_code},
    )  # fmt: skip


@transaction.atomic
def set_aside(message_ids: Iterable[int], *, by_id: int) -> int:
    """Say that messages are no matter of ours; return how many still waited."""
    rows = ChatMessage.objects.filter(pk__in=list(message_ids), state=MessageState.WAITING)
    found = list(rows.select_for_update())
    for row in found:
        _done(row, MessageState.ASIDE, by_id)
        audit.record(by_id, "hotline.message_aside", f"hotline.message:{row.pk}", {})
    return len(found)


def _done(row: ChatMessage, state: MessageState, by_id: int) -> None:
    row.state, row.handled_at, row.handled_by_id = state, clock.now(), by_id
    row.save()
