"""Import of customers at risk from Excel or CSV, into a list that the file names."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.surge import contracts, words
from huoshui.kernel.intake import fields, kinds
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

COLUMNS = (
    Column("account", _("Account"), required=True, length=40,
           accepted=("户号", "用户编号", "客户编号", "account code"),
           help=_("The account's number, as in the register.")),
    Column("reason", _("Reason"), fields.CHOICE, required=True,
           choices=dict(words.RISK_REASONS), accepted=("原因", "风险原因", "风险类型", "类型")),
    Column("note", _("Note"), length=200, accepted=("备注", "说明", "remark")),
)  # fmt: skip
EXAMPLES = ({"account": "EXAMPLE-0001", "reason": "exposed_meter", "note": "水表在楼道外墙"},)


@dataclass
class Plan:
    """What is to be kept; nothing is written yet."""

    outcome: kinds.Outcome
    entries: list[contracts.AtRisk] = field(default_factory=list)


def declare() -> None:
    """Offer the import on the command line and the pages."""
    kinds.declare_kind(
        kinds.Kind(
            code="risk_list",
            label=_("Customers at risk"),
            description=_("Accounts that frost, heat or an outage hits harder, each with why."),
            permission="surge.risk_lists",
            check=check,
            carry_out=carry_out,
            counted=_("customers"),
            options=(
                kinds.Option("list", pgettext_lazy("surge", "Number of the list"),
                             help=_("Such as frost; a new one is begun."), default="frost"),
                kinds.Option("sheet", _("Sheet of the workbook")),
            ),
            template=template,
            order=70,
        )
    )  # fmt: skip


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Customers at risk")), COLUMNS, EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say who is new on the list and for whom the reason changes; changes nothing."""
    return _plan(path, name, options).outcome


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Put the sound rows on the list; nobody is taken off. Audited."""
    from huoshui.areas.surge import actions, models

    with transaction.atomic():
        plan = _plan(path, name, options)
        if plan.outcome.problems.fatal or not plan.entries:
            return plan.outcome
        code = _code(options)
        known = models.RiskList.objects.filter(code=code).first()
        actions.keep_risk_list(
            code, name=known.name if known else code,
            kind=contracts.Kind(known.kind) if known else contracts.Kind.COLD,
            entries=plan.entries, by_id=by_id, add_only=True,
        )  # fmt: skip
    return plan.outcome


def _code(options: Mapping[str, str]) -> str:
    return (options.get("list") or "frost").strip()[:40]


def _plan(path: Path, name: str, options: Mapping[str, str]) -> Plan:
    from huoshui.areas.customers import facade as customers
    from huoshui.areas.surge.models import RiskEntry
    from huoshui.kernel.intake import tables

    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    plan = Plan(kinds.Outcome(problems=table.problems))
    matched = fields.match(table, COLUMNS, name)
    if table.problems.fatal:
        return plan
    rows = list(matched.rows())
    asked = {str(row.values.get("account") or "") for row in rows}
    open_accounts = {one.account_code for one in customers.recipients(accounts=sorted(asked))}
    listed = RiskEntry.objects.listed().filter(risk_list__code=_code(options))
    before: dict[str, Any] = {
        code: (reason, note)
        for code, reason, note in listed.values_list("account_code", "reason", "note")
    }
    in_care = set(customers.special_care(open_accounts)) if open_accounts else set()
    for row in rows:
        account = str(row.values.get("account") or "")
        is_care = row.values.get("reason") == contracts.RiskReason.SPECIAL_CARE
        if row.is_good and account in open_accounts and is_care and account not in in_care:
            plan.outcome.left_out += 1
            plan.outcome.problems.add(
                Problem("surge.not_in_care", _("This account is not in special care."), False,
                        subject=account, file=name, line=row.line,
                        remedy=_("Enter the care with its consent at the account first, or give "
                                 "another reason."))
            )  # fmt: skip
            continue
        if not row.is_good or account not in open_accounts:
            plan.outcome.left_out += 1
            if row.is_good:
                plan.outcome.problems.add(
                    Problem("surge.unknown_account", _("There is no open account of this number."),
                            False, subject=account, file=name, line=row.line,
                            remedy=_("Look the customer up and correct the number."))
                )  # fmt: skip
            continue
        _keep(plan, account, str(row.values["reason"]), row.values.get("note") or "", before)
    return plan


def _keep(plan: Plan, account: str, reason: str, note: str, before: dict[str, Any]) -> None:
    plan.entries.append(contracts.AtRisk(account, contracts.RiskReason(reason), note))
    known = before.get(account)
    if known is None:
        plan.outcome.created += 1
    elif known == (reason, note):
        plan.outcome.unchanged += 1
    else:
        plan.outcome.changed += 1
        labels = dict(words.RISK_REASONS)
        plan.outcome.differ(account, _("Reason"), labels[known[0]], labels[reason])
