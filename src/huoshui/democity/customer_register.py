"""The customers of the demo: flats behind each connection, grids, boards, special care, voices.

It starts from the customers' file that was imported into the network, so both tell the same. People
are invented; chance comes from one seed, so every start gives the same.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from huoshui.areas.customers import contracts
from huoshui.areas.customers import facade as register
from huoshui.democity import customers
from huoshui.kernel import clock
from huoshui.kernel.accounts.models import User
from huoshui.kernel.intake import actions as intake
from huoshui.kernel.intake.models import Import

SEED = 20260227
FLATS = 6
LAT_MOST = 85.0
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕单"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉建国志文斌宇浩轩子涵欣怡梓博雅"
GRIDS = (
    ("WG-01", "城东网格", "zhengli", "zhoumei", "0531-96568-201"),
    ("WG-02", "城中网格", "zhoumei", "zhengli", "0531-96568-202"),
    ("WG-03", "高岗网格", "", "", "0531-96568-203"),
)
GRID_OF = {
    "XQ-01": "WG-01", "XQ-02": "WG-01", "XQ-03": "WG-01", "XQ-04": "WG-02", "XQ-05": "WG-01",
    "XQ-06": "WG-02", "XQ-07": "WG-03", "XQ-08": "WG-03",
}  # fmt: skip
DUTIES = "用水咨询与水费查询\n报修受理与进度查询\n老人和行动不便用户上门服务\n停水信息通知"
BOARDS = ("XQ-01", "XQ-02", "XQ-03", "XQ-05", "XQ-06")
CARED = (
    ("elderly", "本人", "独居，行动不便，请电话预约后上门"),
    ("elderly", "女儿", "不会用手机缴费，每月由网格员代缴"),
    ("dialysis", "丈夫", "家中透析，停水须提前告知"),
    ("disabled", "本人", "视力障碍，账单请电话念读"),
    ("low_income", "社区居委会", "低保户"),
)  # fmt: skip
KEY_MANAGERS = ("wuqiang", "zhengli", "zhoumei")
SUPERVISORS = (
    ("孟庆华", "government", "市政务服务局"), ("陶思远", "university", "清泉大学"),
    ("韩雪", "media", "清泉日报"), ("周立", "property", "泉水花园物业"),
)  # fmt: skip
FOUND = "营业厅午间只开一个窗口，排队二十分钟"
VOICES = (
    ("praise", "banner", "zhaolei", "半夜爆管两小时修好，送锦旗“神速抢修暖人心”", 12),
    ("praise", "letter", "zhengli", "连续三个月上门替老人代缴水费", 25),
    ("complaint", "call", "zhoumei", "电话里说不清楚水费怎么算的，态度急躁", 6),
)  # fmt: skip


def set_up(by_id: int) -> None:
    """Make grids, estates, accounts and what people did with them, once."""
    brought = Import.objects.filter(kind="customers", file_name=customers.FILE_NAME).first()
    if register.estates() or brought is None:
        return
    with intake.path_of(brought.content_hash).open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if abs(float(row["纬度"])) <= LAT_MOST]
    customers.import_table("grids", "网格花名册.csv", list(_grids()), by_id)
    customers.import_table("estates", "小区资料 2026-02.csv", list(_estates(rows)), by_id)
    customers.import_table("accounts", "营业户资料 2026-02.csv", list(_accounts(rows)), by_id)
    people = dict(User.objects.values_list("username", "pk"))
    _boards(people)
    _care(rows, people)
    _look_after_large(people)
    _voices(people)


def _grids() -> Iterator[customers.ROW]:
    for code, name, specialist, deputy, phone in GRIDS:
        yield {
            "网格编号": code, "网格名称": name, "网格员": specialist, "替班": deputy, "电话": phone,
            "职责": DUTIES,
        }  # fmt: skip


def _estates(rows: Sequence[Mapping[str, str]]) -> Iterator[customers.ROW]:
    for estate in customers.ESTATES:
        mine = [row for row in rows if row["分区编号"] == estate.code]
        yield {
            "小区编号": estate.code,
            "小区名称": estate.name,
            "区": "高岗区" if estate.parent == "C" else "清泉区",
            "经度": round(sum(float(row["经度"]) for row in mine) / max(len(mine), 1), 6),
            "纬度": round(sum(float(row["纬度"]) for row in mine) / max(len(mine), 1), 6),
            "分区": estate.code,
            "物业": f"{estate.name}物业服务中心",
            "业主群": f"{estate.name}业主群",
            "户数": estate.buildings * FLATS,
            "网格": GRID_OF[estate.code],
        }


def _accounts(rows: Sequence[Mapping[str, str]]) -> Iterator[customers.ROW]:
    dice = random.Random(SEED)
    estates = {one.code: one for one in customers.ESTATES}
    number = 0
    for row in rows:
        estate = estates.get(row["分区编号"])
        doors = [
            (unit, f"{floor}0{side}") for unit in "12" for floor, side in ((1, 1), (3, 2), (5, 1))
        ]
        for unit, room in doors if estate else [("", "")]:
            number += 1
            yield _account(row, estate, unit, room, number, dice)


def _account(
    row: Mapping[str, str],
    estate: customers.Estate | None,
    unit: str,
    room: str,
    number: int,
    dice: random.Random,
) -> customers.ROW:
    address = row["用水地址"]
    is_company = estate is None and (float(row["年用水量"]) > 20_000 or " " in address)
    name = dice.choice(SURNAMES) + "".join(dice.choices(GIVEN, k=dice.choice((1, 2, 2))))
    if is_company:
        name = address.rpartition(" ")[2]
    phone = f"1{dice.choice('3578')}{dice.randrange(10**9):09d}"
    owes = dice.random() < 0.12
    return {
        "户号": f"{600_000 + number}",
        "户名": name,
        "用户类别": "company" if is_company else "person",
        "电话": phone,
        "地址": f"{address}{unit}单元{room}室" if estate else address,
        "区": "高岗区" if estate and estate.parent == "C" else "清泉区",
        "小区": estate.code if estate else "",
        "经度": row["经度"],
        "纬度": row["纬度"],
        "接户编号": row["户号"],
        "水表号": f"SB{2_000_000 + 13 * number}",
        "口径": 15 if estate else row["口径"],
        "止码": dice.randrange(60, 1900),
        # The oldest estate is read by hand in turn, last before the cold of January.
        "抄表日期": "2025-12-25" if estate and estate.code == "XQ-03" else "2026-02-20",
        "状态": "active",
        "用水性质": "居民" if not is_company else "非居民",
        "年用水量": row["年用水量"] if estate is None else "",
        # Meters in the stairwells of the oldest estate hang open to the wind.
        "水表外露": "是" if estate and estate.code == "XQ-03" and room.startswith("1") else "",
        "欠费": round(dice.uniform(8, 320), 2) if owes else round(-dice.uniform(0, 60), 2),
        "余额日期": "2026-02-28 00:00",
        "openid": f"demo-{number:06d}" if dice.random() < 0.6 else "",
        "立户日期": f"{dice.randint(2008, 2024)}-0{dice.randint(1, 9)}-1{dice.randint(0, 9)}",
    }


def _boards(people: Mapping[str, int]) -> None:
    for code in BOARDS:
        with clock.frozen(clock.now() - timedelta(days=140)):
            register.hang_board(code, place="小区北门公示栏", by_id=people["wuqiang"])


def _care(rows: Sequence[Mapping[str, str]], people: Mapping[str, int]) -> None:
    estates = [one.code for one in register.estates()]
    flats = [one.account_code for one in register.recipients(estates=estates)]
    for place, (reason, consent, note) in enumerate(CARED):
        account = flats[37 + 53 * place]
        with clock.frozen(clock.now() - timedelta(days=120 - 9 * place)):
            register.begin_care(
                account, reason=contracts.CareReason(reason), consent_by=consent,
                consent_date=date(2025, 9, 10 + place), note=note, contact_name="社区联系人",
                contact_phone=f"139{place}5310{place}7{place}", by_id=people["zhengli"],
            )  # fmt: skip
        if place < 3:
            with clock.frozen(clock.now() - timedelta(days=11 + 4 * place)):
                register.record_visit(account, note="上门查看用水设施，情况正常",
                                      by_id=people["zhengli"])  # fmt: skip


def _look_after_large(people: Mapping[str, int]) -> None:
    """Give each large customer somebody who looks after it in person."""
    for place, account in enumerate(register.key_account_codes()):
        manager = people[KEY_MANAGERS[place % len(KEY_MANAGERS)]]
        register.choose_key_manager(account, manager, by_id=people["wuqiang"])


def _voices(people: Mapping[str, int]) -> None:
    for name, kind, organisation in SUPERVISORS:
        row = register.add_supervisor(
            name, kind=contracts.SupervisorKind(kind), organisation=organisation,
            from_date=date(2025, 3, 1), by_id=people["wuqiang"],
        )  # fmt: skip
        if kind == "media":
            register.file_finding(
                row, topic=contracts.FindingTopic.QUALITY, text=FOUND,
                owner_id=people["wuqiang"], by_id=people["wuqiang"],
            )  # fmt: skip
    for kind, form, about, text, days in VOICES:
        register.keep_voice(
            kind=contracts.VoiceKind(kind), form=contracts.VoiceForm(form), text=text,
            person_id=people[about], received_at=clock.now() - timedelta(days=days),
            by_id=people["wuqiang"],
        )  # fmt: skip
