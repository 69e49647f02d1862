"""Import of tickets of the city's line from Excel or CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.hotline import words
from huoshui.kernel.intake import fields, kinds
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

COLUMNS = (
    Column("number", _("Ticket number"), required=True, length=60,
           accepted=("工单编号", "工单号", "编号", "受理编号", "ticket"),
           help=_("The city's own number; the same number again is the same ticket.")),
    Column("received_at", _("Received"), fields.MOMENT, required=True,
           accepted=("受理时间", "派单时间", "来电时间", "received")),
    Column("due_at", _("Deadline"), fields.MOMENT, required=True,
           accepted=("办结时限", "截止时间", "办理时限", "限办时间", "due")),
    Column("caller_name", _("Name"), length=80, accepted=("来电人", "姓名", "诉求人", "name")),
    Column("caller_number", _("Telephone"), length=40,
           accepted=("来电号码", "联系电话", "电话", "手机", "phone")),
    Column("address", _("Address"), length=200, accepted=("地址", "事发地址", "诉求地址")),
    Column("text", _("What is asked"), required=True, length=5_000,
           accepted=("诉求内容", "内容", "工单内容", "问题描述", "content")),
    Column("topic", pgettext_lazy("call", "Topic"), length=80,
           accepted=("诉求类别", "类别", "分类", "问题分类", "category"),
           help=_("Name or code of one of the hotline's topics; others are left empty.")),
    Column("satisfaction", _("Satisfaction"), fields.CHOICE, choices={
        code: label for code, (label, _colour) in words.SATISFACTION.items()},
           accepted=("满意度", "回访结果")),
)  # fmt: skip
EXAMPLES = (
    {"number": "EXAMPLE-20260107001", "received_at": "2026-01-07 08:30",
     "due_at": "2026-01-10 18:00", "caller_name": "王女士", "caller_number": "13800000000",
     "address": "铁路益民小区3号楼", "text": "家中无水，请尽快处理", "topic": "无水"},
)  # fmt: skip


@dataclass
class Plan:
    """What is to be kept of which ticket; nothing is written yet."""

    outcome: kinds.Outcome
    tickets: list[tuple[str, dict[str, Any], Any]] = field(default_factory=list)


def declare() -> None:
    """Offer the import on the command line and the pages."""
    kinds.declare_kind(
        kinds.Kind(
            code="city_tickets",
            label=_("Tickets of the city line"),
            description=_("Tickets of 12345 with their own numbers and deadlines."),
            permission="hotline.city_line",
            check=check,
            carry_out=carry_out,
            counted=_("tickets"),
            options=(kinds.Option("sheet", _("Sheet of the workbook")),),
            template=template,
            order=60,
        )
    )


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Tickets")), COLUMNS, EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say which tickets are new and what changed of others; changes nothing."""
    return _plan(path, name, options).outcome


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Keep the sound rows and open a case for each new ticket. Audited."""
    from huoshui.areas.hotline.actions import city_line
    from huoshui.kernel import audit, jobs

    with transaction.atomic():
        plan = _plan(path, name, options)
        if plan.outcome.problems.fatal:
            return plan.outcome
        for done, (number, values, topic) in enumerate(plan.tickets):
            city_line.take_ticket(number, values, topic=topic, by_id=by_id)
            jobs.progress(done, len(plan.tickets))
        if plan.tickets:
            audit.record(
                by_id, "hotline.tickets_imported", "hotline.tickets:",
                {"file": name, "tickets": len(plan.tickets)},
            )  # fmt: skip
    return plan.outcome


def _plan(path: Path, name: str, options: Mapping[str, str]) -> Plan:
    from huoshui.areas.hotline.models import CityTicket, Topic
    from huoshui.kernel.intake import tables

    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    plan = Plan(kinds.Outcome(problems=table.problems))
    matched = fields.match(table, COLUMNS, name)
    if table.problems.fatal:
        return plan
    topics: dict[str, Any] = {}
    for topic in Topic.objects.filter(above__isnull=False):
        for said in (topic.code, topic.name_zh, topic.name_en):
            topics[fields.key(said)] = topic
    known = {row.number: row for row in CityTicket.objects.select_related("topic")}
    seen: set[str] = set()
    for entry in matched.rows():
        number = entry.values.get("number") or ""
        if not _is_sound(plan, entry, number, seen, name):
            plan.outcome.left_out += 1
            continue
        seen.add(number)
        named = topics.get(fields.key(entry.values.get("topic") or ""))
        _compare(plan, number, entry.values, named, known.get(number))
    return plan


def _is_sound(plan: Plan, entry: fields.Entry, number: str, seen: set[str], name: str) -> bool:
    if not entry.is_good:
        return False
    if number in seen:
        plan.outcome.problems.add(
            Problem("hotline.ticket_twice", _("This ticket stands in the file twice."), False,
                    subject=number, file=name, line=entry.line,
                    remedy=_("The first row counts; delete the wrong one."))
        )  # fmt: skip
        return False
    if entry.values["due_at"] <= entry.values["received_at"]:
        plan.outcome.problems.add(
            Problem("hotline.ticket_due_first", _("The deadline is before the ticket came in."),
                    False, subject=number, file=name, line=entry.line,
                    remedy=_("Correct one of the two moments."))
        )  # fmt: skip
        return False
    return True


def _compare(plan: Plan, number: str, values: dict[str, Any], topic: Any, before: Any) -> None:
    said = {name: value for name, value in values.items() if name not in ("number", "topic")}
    if before is None:
        plan.outcome.created += 1
        plan.tickets.append((number, said, topic))
        return
    labels = {column.code: column.label for column in COLUMNS}
    changed = False
    for code, value in said.items():
        if value is not None and getattr(before, code) != value:
            old, new = (_shown(code, one) for one in (getattr(before, code), value))
            plan.outcome.differ(number, labels[code], old, new)
            changed = True
    if topic is not None and topic != before.topic:
        old = words.topic_name(before.topic) if before.topic else ""
        plan.outcome.differ(number, labels["topic"], old, words.topic_name(topic))
        changed = True
    if changed:
        plan.outcome.changed += 1
        plan.tickets.append((number, said, topic))
    else:
        plan.outcome.unchanged += 1


def _shown(code: str, value: Any) -> Any:
    """Return a value as the page of differences shows it: who called stays masked there."""
    from huoshui.areas.customers import facade as customers
    from huoshui.kernel.accounts import personal

    if code == "caller_number":
        return personal.mask_phone(value)
    if code == "caller_name":
        return customers.masked_name(value)
    return words.SATISFACTION[value][0] if code == "satisfaction" and value else value
