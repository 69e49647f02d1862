"""Import of accounts: one row is an account with its holder, its place and its meter."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from huoshui.areas.customers import (
    addresses,
    contracts,
    queries,
    registering,
    rules,
    stating,
    words,
)
from huoshui.areas.customers.models import ServicePoint
from huoshui.kernel import audit, clock, events, jobs
from huoshui.kernel.accounts import personal
from huoshui.kernel.intake import fields, kinds, tables
from huoshui.kernel.intake.fields import Column
from huoshui.kernel.intake.problems import Problem

AT_ONCE = 2_000
COLUMNS = (
    Column("code", _("Account number"), required=True, length=rules.CODE_LENGTH_MAX,
           accepted=("户号", "用户编号", "客户编号", "用户号", "account", "id"),
           help=_("Stable for ever; a second import with the same number changes this account.")),
    Column("name", _("Name"), length=120,
           accepted=("户名", "姓名", "用户名称", "客户名称", "holder")),
    Column("kind", _("Person or company"), fields.CHOICE, choices=words.KINDS,
           accepted=("用户类别", "客户类型"), help=_("Left empty it is told by the name.")),
    Column("phones", _("Telephone"), length=200,
           accepted=("电话", "手机", "联系电话", "手机号", "phone", "mobile"),
           help=_("Several with a comma between; the first is the one to call.")),
    Column("address", _("Address"), length=300, accepted=("地址", "用水地址", "住址"),
           help=_("In words; its parts are found where the columns for them are empty.")),
    Column("district", _("District"), length=100, accepted=("区", "行政区", "区县", "街道")),
    Column("street", _("Street"), length=100, accepted=("路", "街道路", "道路", "路名", "road")),
    Column("number", _("House number"), length=20, accepted=("门牌", "门牌号")),
    Column("estate", _("Estate"), length=100, accepted=("小区", "小区名称", "小区编号"),
           help=_("Its code or its name.")),
    Column("building", _("Building"), length=30, accepted=("楼号", "楼栋", "栋", "幢", "楼")),
    Column("unit", _("Unit"), length=20, accepted=("单元", "单元号")),
    Column("floor", _("Floor"), fields.WHOLE, accepted=("楼层", "层")),
    Column("room", _("Room"), length=20, accepted=("室", "房号", "房间", "户室")),
    Column("lon", _("Longitude"), fields.NUMBER, unit="°", accepted=("经度", "lng", "longitude")),
    Column("lat", _("Latitude"), fields.NUMBER, unit="°", accepted=("纬度", "latitude")),
    Column("connection", _("Connection code"), length=64,
           accepted=("接户编号", "接水点", "接水点编号"),
           help=_("The connection of the network that feeds this place.")),
    Column("meter", _("Meter number"), length=rules.CODE_LENGTH_MAX,
           accepted=("水表号", "表号", "水表编号", "表身号")),
    Column("diameter_mm", _("Size of the meter"), fields.NUMBER, unit="mm",
           accepted=("口径", "水表口径")),
    Column("reading_m3", _("Latest reading"), fields.NUMBER, unit="m³",
           accepted=("止码", "本期止码", "读数", "表底")),
    Column("reading_date", _("Day of the reading"), fields.DAY, accepted=("抄表日期",)),
    Column("exposed", _("Meter exposed to frost"), fields.FLAG,
           accepted=("外露", "易冻", "水表外露", "防冻重点"),
           help=_("Whether the meter hangs outdoors or in an unheated place.")),
    Column("use_m3_year", _("Use of a year"), fields.NUMBER, unit="m³",
           accepted=("年用水量", "年用量")),
    Column("state", _("State"), fields.CHOICE, choices=words.STATE_LABELS,
           accepted=("状态", "用水状态")),
    Column("tariff", _("Tariff group"), length=60, accepted=("用水性质", "水价类别", "性质")),
    Column("balance_yuan", _("Owed"), fields.NUMBER, unit="¥",
           accepted=("欠费", "欠费金额", "余额"), help=_("Owed to us; below zero is paid ahead.")),
    Column("balance_as_of", _("Owed as of"), fields.MOMENT, accepted=("欠费截止", "余额日期")),
    Column("wechat_openid", _("WeChat openid"), length=64, accepted=("openid",)),
    Column("email", _("E-mail"), length=200, accepted=("邮箱", "电子邮箱")),
    Column("opened_date", _("Account opened"), fields.DAY, accepted=("立户日期", "开户日期")),
)  # fmt: skip
EXAMPLES = (
    {"code": "EXAMPLE-20001", "name": "王建国", "phones": "13800000001", "estate": "光明小区",
     "building": "3", "unit": "2", "room": "501", "meter": "SB0001", "tariff": "居民",
     "reading_m3": 128, "reading_date": "2026-02-20", "balance_yuan": 35.6},
    {"code": "EXAMPLE-20002", "name": "清泉实验中学", "kind": "company", "phones": "053100000000",
     "address": "文化路12号", "meter": "SB0002", "tariff": "非居民"},
)  # fmt: skip
LABELS = {column.code: column.label for column in COLUMNS} | {
    "is_exposed": _("Meter exposed to frost"),
    "holder": _("Name"), "balance_cents": _("Owed"), "connection_code": _("Connection code"),
}  # fmt: skip
PRIVATE = frozenset({"phones", "name", "email", "wechat_openid"})
TEXTS = (
    "name", "kind", "address", "district", "street", "number", "estate", "building", "unit", "room",
    "connection", "meter", "state", "tariff", "wechat_openid", "email",
)  # fmt: skip
PLAIN = ("floor", "lon", "lat", "diameter_mm", "reading_m3", "reading_date", "balance_as_of",
         "opened_date", "exposed", "use_m3_year")  # fmt: skip
STREET = re.compile(r"^(?:.{1,8}?[区县市])?(?P<street>[\u3400-\u9fff]{1,12}?(?:路|街|道|巷|大街))"
                    r"(?P<number>\d+)号")  # fmt: skip


@dataclass
class _Reading:
    """What one reading of a file has seen so far."""

    name: str
    outcome: kinds.Outcome
    writer: registering.Writer
    codes: set[str] = field(default_factory=set)
    meters: set[str] = field(default_factory=set)
    rows: int = 0


def template(target: IO[bytes]) -> None:
    """Write the Excel file to fill in."""
    fields.write_template(target, str(_("Accounts")), COLUMNS, EXAMPLES)


def check(path: Path, name: str, options: Mapping[str, str]) -> kinds.Outcome:
    """Say which accounts would be made and changed; changes nothing."""
    return _read(path, name, options, dry=True).outcome


def carry_out(
    path: Path, name: str, options: Mapping[str, str], by_id: int | None
) -> kinds.Outcome:
    """Make and change accounts; rows with problems are left out. Audited."""
    with transaction.atomic():
        reading = _read(path, name, options, dry=False)
        outcome = reading.outcome
        if outcome.created or outcome.changed:
            audit.record(
                by_id, "customers.accounts_imported", "customers.accounts",
                {"file": name, "created": outcome.created, "changed": outcome.changed},
            )  # fmt: skip
            events.publish(
                contracts.CustomersImported(
                    created=outcome.created, changed=outcome.changed, at=clock.now(), by_id=by_id
                )
            )
    return outcome


def _read(path: Path, name: str, options: Mapping[str, str], *, dry: bool) -> _Reading:
    table = tables.open_table(path, sheet=options.get("sheet") or None, name=name)
    outcome = kinds.Outcome(problems=table.problems)
    matched = fields.match(table, COLUMNS, name)

    def differ(code: str, what: str, before: Any, after: Any) -> None:
        if what in PRIVATE:
            before, after = _masked(what, before), _masked(what, after)
        elif what == "balance_cents":
            before, after = _yuan(before), _yuan(after)
        elif what in words_of:
            before, after = words_of[what].get(before, before), words_of[what].get(after, after)
        outcome.differ(code, LABELS.get(what, what), before, after)

    writer = registering.Writer(clock.now(), dry=dry, differ=differ)
    reading = _Reading(name, outcome, writer)
    if table.problems.fatal:
        return reading
    batch: list[tuple[fields.Entry, stating.Row]] = []
    for entry in matched.rows():
        reading.rows += 1
        row = _row(reading, entry)
        if row is not None:
            batch.append((entry, row))
        if len(batch) >= AT_ONCE:
            _write(reading, batch)
            batch = []
    _write(reading, batch)
    outcome.created, outcome.changed = writer.created, writer.changed
    outcome.unchanged = writer.unchanged
    outcome.facts.insert(0, (_("Rows"), reading.rows))
    return reading


words_of: dict[str, Mapping[Any, Any]] = {"state": words.STATE_LABELS, "kind": words.KINDS}


def _yuan(cents: int | None) -> str:
    return "" if cents is None else f"{cents / 100:.2f}"


def _masked(what: str, value: Any) -> str:
    """Return personal data as the page of an import may show it: an import is seen by others."""
    text = str(value or "")
    if what == "name":
        return rules.masked_name(text)
    if what == "phones":
        return ", ".join(personal.mask_phone(one) for one in text.split(", ") if one)
    return text[:2] + "***" if text else ""


def _row(reading: _Reading, entry: fields.Entry) -> stating.Row | None:
    """Return what a row states, or None with its problem told."""
    said = entry.values
    code = said.get("code")
    if not entry.is_good or not code:
        reading.outcome.left_out += 1
        return None
    problem = _problem_of(reading, entry, code)
    if problem is not None:
        reading.outcome.problems.add(problem)
        reading.outcome.left_out += 1
        return None
    reading.codes.add(code)
    row = stating.Row(code=code, **{one: said.get(one) or None for one in TEXTS},
                      **{one: said.get(one) for one in PLAIN})  # fmt: skip
    if said.get("phones"):
        row.phones = stating.phones_of(said["phones"]) or None
        if row.phones is None:
            _tell(
                reading,
                entry,
                "customers.phone_unreadable",
                _("This is no telephone number; the row goes in without it."),
                "phones",
            )
    if said.get("balance_yuan") is not None:
        row.balance_cents = round(said["balance_yuan"] * 100)
    _find_parts(reading, entry, row)
    return row


def _problem_of(reading: _Reading, entry: fields.Entry, code: str) -> Problem | None:
    """Return why a row cannot be taken at all."""
    said = entry.values
    lon, lat = said.get("lon"), said.get("lat")
    meter = said.get("meter")

    def problem(name: str, text: Any, column: str, remedy: Any) -> Problem:
        return Problem(f"customers.{name}", text, False, subject=code, file=reading.name,
                       line=entry.line, column=str(LABELS[column]), value=str(said.get(column)),
                       remedy=remedy)  # fmt: skip

    if code in reading.codes:
        return problem("code_twice", _("This account stands in the file twice."), "code",
                       _("Keep one of the rows; the first one counts."))  # fmt: skip
    if meter and meter in reading.meters:
        return problem("meter_twice", _("This meter stands in the file twice."), "meter",
                       _("A meter measures one account; correct its number."))  # fmt: skip
    if (lon is None) != (lat is None) or (
        lon is not None and lat is not None and (abs(lon) > 180 or abs(lat) > 85)
    ):
        return problem(
            "place_impossible",
            _("This place is not on the map."),
            "lon",
            _("Look whether longitude and latitude are the right way round."),
        )
    if (said.get("reading_m3") or 0) < 0:
        return problem("reading_negative", _("A meter never reads below zero."), "reading_m3",
                       _("Correct the reading, or leave it empty."))  # fmt: skip
    if (said.get("use_m3_year") or 0) < 0:
        return problem("use_negative", _("Nobody uses less than nothing."), "use_m3_year",
                       _("Correct the use, or leave it empty."))  # fmt: skip
    if meter:
        reading.meters.add(meter)
    return None


def _tell(reading: _Reading, entry: fields.Entry, code: str, text: Any, column: str) -> None:
    reading.outcome.problems.add(
        Problem(code, text, False, subject=str(entry.values.get("code")), file=reading.name,
                line=entry.line, column=str(LABELS[column]), value=str(entry.values.get(column)),
                remedy=_("Correct it and import again."))
    )  # fmt: skip


def _find_parts(reading: _Reading, entry: fields.Entry, row: stating.Row) -> None:
    """Find estate, street and door in an address in words, where the columns do not say them."""
    writer = reading.writer
    if row.estate and writer.estate(row.estate) is None:
        _tell(
            reading,
            entry,
            "customers.estate_unknown",
            _("No estate of this name is known; the row goes in without it."),
            "estate",
        )
        row.address = row.address or "".join(
            one for one in (row.estate, row.building, row.unit, row.room) if one
        )
        row.estate = None
    if not row.address or row.building or row.room:
        return
    estate = writer.estate(row.estate) if row.estate else writer.named_estate(row.address)
    if estate is not None:
        row.estate = estate.code
        behind = row.address.partition(estate.name)[2] or row.address
        _door(row, addresses.taken_apart(behind))
    elif not row.street:
        found = STREET.match(addresses.with_figures(addresses.plain(row.address)))
        if found:
            row.street, row.number = found["street"], found["number"]


def _door(row: stating.Row, typed: addresses.Typed) -> None:
    marked, rest = typed.marked, list(typed.figures)
    for one in marked.values():
        if one in rest:
            rest.remove(one)
    free = [name for name in ("building", "unit", "room") if name not in marked]
    if len(rest) == 1:
        free = ["room"] if "room" in free else free
    elif len(rest) == 2:
        free = [name for name in free if name != "unit"]
    found = dict(zip(free, rest, strict=False)) | marked
    row.building = found.get("building") or (found.get("number") if marked else None)
    row.unit, row.room = found.get("unit"), found.get("room")


def _write(reading: _Reading, batch: list[tuple[fields.Entry, stating.Row]]) -> None:
    """Write a batch, less the rows whose meter belongs to another account."""
    if not batch:
        return
    _keep_on_who_is_cared_for(reading, batch)
    good = list(_with_own_meter(reading, batch))
    reading.writer.write(good)
    jobs.progress(reading.rows, reading.rows)


def _keep_on_who_is_cared_for(
    reading: _Reading, batch: list[tuple[fields.Entry, stating.Row]]
) -> None:
    """Take no row's word that somebody in special care is cut off, unless they were visited."""
    cut_off = str(contracts.AccountState.CUT_OFF)
    wanted = [row.code for _entry, row in batch if row.state == cut_off]
    cares = queries.standing_care(wanted) if wanted else {}
    now = clock.now()
    for entry, row in batch:
        care = cares.get(row.code) if row.state == cut_off else None
        if care is None or care.account.state == cut_off:
            continue
        if not rules.may_be_cut_off(in_care=True, visited_at=care.visited_at, now=now):
            row.state = None
            _tell(reading, entry, "customers.care_needs_visit",
                  _("This customer is in special care and must not be cut off without a visit; "
                    "the row goes in without this state."), "state")  # fmt: skip


def _with_own_meter(
    reading: _Reading, batch: list[tuple[fields.Entry, stating.Row]]
) -> Iterator[stating.Row]:
    meters = [row.meter for _entry, row in batch if row.meter]
    owners = dict(
        ServicePoint.objects.filter(meter_number__in=meters).values_list(
            "meter_number", "account__code"
        )
    )
    for entry, row in batch:
        owner = owners.get(row.meter or "", row.code)
        if owner == row.code:
            yield row
            continue
        reading.outcome.left_out += 1
        reading.outcome.problems.add(
            Problem("customers.meter_of_another", _("This meter belongs to another account."),
                    False, subject=row.code, file=reading.name, line=entry.line,
                    column=str(LABELS["meter"]), value=f"{row.meter} ({owner})",
                    remedy=_("Correct the number, or close the other account first."))
        )  # fmt: skip
