"""Cases that came by other ways than calls, as whoever counts them needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from huoshui.areas.customers import contracts as customers
from huoshui.areas.hotline import case_types, chat_lines, contracts
from huoshui.areas.hotline.models import ChatMessage, CityTicket, Topic
from huoshui.areas.hotline.queries import chats
from huoshui.kernel import cases

BOARD = customers.BOARD_REPORT_CASE
TYPES = (*case_types.OURS, BOARD)
KINDS = {
    case_types.REPAIR: contracts.TopicKind.REPAIR,
    case_types.ENQUIRY: contracts.TopicKind.ENQUIRY,
    case_types.COMPLAINT: contracts.TopicKind.COMPLAINT,
}
# Types of other areas may have ways of their own for the same thing.
SAME_WAY = {"chat": "chat_group"}


@dataclass
class _Told:
    """One case with what is known of it, while duplicates are put together."""

    fact: cases.CaseFact
    began_at: datetime
    topic: str
    kind: str
    estate: str
    account: str
    repair: str = ""


def intake_facts(from_at: datetime, until: datetime) -> list[contracts.IntakeFact]:
    """Return the cases of a stretch of time that no call made, the earliest first; six queries.

    A repair that was opened for a ticket of the city's line or a report by a notice board, and is
    related to it, was not told once more: it is what came of that. More queries only for each five
    hundred cases.
    """
    opened = cases.opened_between(TYPES, from_at, until, but_about="hotline.call")
    if not opened:
        return []
    topics = _Topics()
    numbers = [fact.number for fact, _things in opened]
    sent = dict(
        ChatMessage.objects.filter(handled_at__gte=from_at)
        .exclude(case_number="")
        .values_list("case_number", "sent_at")
    )
    ticketed = dict(
        CityTicket.objects.filter(received_at__gte=from_at, received_at__lt=until)
        .exclude(topic=None)
        .values_list("case_number", "topic__code")
    )
    told: dict[str, _Told] = {}
    for fact, things in opened:
        topic = ticketed.get(fact.number) or topics.of(fact)
        told[fact.number] = _Told(
            fact=fact,
            began_at=min(sent.get(fact.number, fact.opened_at), fact.opened_at),
            topic=topic,
            kind=topics.kinds.get(topic) or str(KINDS.get(fact.type_code, "")),
            estate=things.get("customers.estate", ""),
            account=things.get("customers.account", ""),
            repair=fact.number if fact.type_code == case_types.REPAIR else "",
        )
    _put_together(told, cases.relations(numbers, until))
    return [
        contracts.IntakeFact(
            number=number,
            began_at=one.began_at,
            channel=SAME_WAY.get(one.fact.channel, one.fact.channel),
            kind=one.kind,
            topic_code=one.topic,
            estate_code=one.estate,
            account_code=one.account,
            case_number=one.repair,
        )
        for number, one in told.items()
    ]


def _put_together(
    told: dict[str, _Told], pairs: list[tuple[cases.CaseFact, cases.CaseFact]]
) -> None:
    """Give each the repair that came of it; take out repairs that were opened for another."""
    for one, other in [*pairs, *((other, one) for one, other in pairs)]:
        mine = told.get(one.number)
        if mine is None or other.type_code != case_types.REPAIR:
            continue
        if one.type_code == case_types.REPAIR:
            # A duplicate is told once more, of the same repair; what else is related is its own.
            mine.repair = other.number if one.merged_into == other.number else mine.repair
            continue
        mine.repair = mine.repair or other.number
        opened_for_it = told.get(other.number)
        if opened_for_it is not None and mine.repair == other.number:
            mine.estate = mine.estate or opened_for_it.estate
            mine.account = mine.account or opened_for_it.account
            if mine.topic == "":
                mine.topic, mine.kind = opened_for_it.topic, opened_for_it.kind
            del told[other.number]


class _Topics:
    """The topics, by what cases say of them; two queries."""

    def __init__(self) -> None:
        rows = Topic.objects.filter(above__isnull=False).order_by("is_retired", "order", "code")
        self.kinds: dict[str, str] = {}
        self.by_name: dict[str, str] = {}
        for row in rows:
            self.kinds[row.code] = row.kind
            for name in (row.name_zh, row.name_en, row.code):
                self.by_name.setdefault(name.strip().casefold(), row.code)
        self.words = chats.words_of_topics()

    def of(self, fact: cases.CaseFact) -> str:
        """Return the topic that a case names, or else the one whose words were written."""
        named = str(fact.fields.get("topic") or "").strip().casefold()
        if named in self.by_name:
            return self.by_name[named]
        text = f"{fact.title} {fact.fields.get('what') or ''}"
        proposal = chat_lines.propose(text, self.words)
        return proposal.topic if proposal else ""
