"""Import of messages of chat groups from Excel or CSV."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.hotline import chat_lines
from huoshui.kernel.intake import fields, kinds
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

COLUMNS = (
    Column("group", pgettext_lazy("chat", "Group"), required=True, length=100,
           accepted=("群名", "群", "群聊", "微信群", "业主群", "chat"),
           help=_("Name of the group as it is registered.")),
    Column("sent_at", pgettext_lazy("message", "Sent"), fields.MOMENT, required=True,
           accepted=("时间", "发送时间", "日期时间", "time")),
    Column("sender", pgettext_lazy("chat", "Who"), required=True, length=chat_lines.SENDER_MAX,
           accepted=("发送人", "发言人", "昵称", "姓名", "name")),
    Column("text", _("Text"), required=True, length=chat_lines.TEXT_MAX,
           accepted=("内容", "消息", "消息内容", "content", "message")),
)  # fmt: skip
EXAMPLES = (
    {"group": "EXAMPLE-铁路益民业主群", "sent_at": "2026-01-07 08:30", "sender": "3-2-501王女士",
     "text": "家里没水了，是停水吗"},
)  # fmt: skip


@dataclass
class Plan:
    """Which messages are to be taken into which group; nothing is written yet."""

    outcome: kinds.Outcome
    told: dict[int, list[Any]] = field(default_factory=dict)


def declare() -> None:
    """Offer the import on the command line and the pages."""
    kinds.declare_kind(
        kinds.Kind(
            code="chat_messages",
            label=_("Messages of chat groups"),
            description=_("Messages of owners' chat groups: group, moment, who, text."),
            permission="hotline.chat_messages",
            check=check,
            carry_out=carry_out,
            counted=_("messages"),
            options=(kinds.Option("sheet", _("Sheet of the workbook")),),
            template=template,
            order=61,
        )
    )


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Messages")), COLUMNS, EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say which messages are new; changes nothing."""
    return _plan(path, name, options).outcome


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Take the sound rows, each message once. Audited for each group."""
    from huoshui.areas.hotline.actions import chats
    from huoshui.kernel import jobs

    with transaction.atomic():
        plan = _plan(path, name, options)
        if plan.outcome.problems.fatal:
            return plan.outcome
        for done, (group_id, told) in enumerate(plan.told.items()):
            chats.take(group_id, told, by_id=by_id)
            jobs.progress(done, len(plan.told))
    return plan.outcome


def _plan(path: Path, name: str, options: Mapping[str, str]) -> Plan:
    from huoshui.areas.hotline.actions.chats import Told, fingerprint
    from huoshui.areas.hotline.models import ChatGroup, ChatMessage
    from huoshui.kernel import clock
    from huoshui.kernel.intake import tables

    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    plan = Plan(kinds.Outcome(problems=table.problems))
    matched = fields.match(table, COLUMNS, name)
    if table.problems.fatal:
        return plan
    groups = {fields.key(row.name): row.pk for row in ChatGroup.objects.filter(is_retired=False)}
    latest = clock.now() + chat_lines.AHEAD_MAX
    seen: set[str] = set()
    for entry in matched.rows():
        group_id = groups.get(fields.key(entry.values.get("group") or ""))
        if not entry.is_good or not _is_sound(plan, entry, group_id, latest, name):
            plan.outcome.left_out += 1
            continue
        assert group_id is not None
        told = Told(entry.values["sent_at"], entry.values["sender"], entry.values["text"])
        mark = fingerprint(group_id, told)
        if mark in seen or ChatMessage.objects.filter(fingerprint=mark).exists():
            plan.outcome.unchanged += 1
            continue
        seen.add(mark)
        plan.outcome.created += 1
        plan.told.setdefault(group_id, []).append(told)
    return plan


def _is_sound(
    plan: Plan, entry: fields.Entry, group_id: int | None, latest: Any, name: str
) -> bool:
    problem = None
    if group_id is None:
        problem = Problem(
            "hotline.chat_group_unknown", _("No such group is registered."), False,
            subject=entry.values["group"], file=name, line=entry.line,
            remedy=_("Register the group, or write its name as it is registered."),
        )  # fmt: skip
    elif entry.values["sent_at"] > latest:
        problem = Problem(
            "hotline.message_ahead", _("This moment is still to come."), False,
            subject=entry.values["group"], file=name, line=entry.line,
            remedy=_("Correct the moment."),
        )  # fmt: skip
    if problem is not None:
        plan.outcome.problems.add(problem)
    return problem is None
