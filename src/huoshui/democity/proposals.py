"""What the staff of the demo proposed on the chairman's day, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from huoshui.democity import offices, timetable
from huoshui.kernel import cases, clock

PROPOSAL = "staff_affairs.proposal"
FIRST_ANSWER = timedelta(days=3, hours=2)


@dataclass(frozen=True)
class Proposal:
    """One wish: how many days ago it was raised, by whom, and how far it has come.

    ``done_days`` after the promise it was finished, ``score`` is what the proposer said then; a
    score below four takes it up again. ``declined`` says why it was not followed.
    """

    days_ago: int
    by: str
    title: str
    wish: str
    measure: str = ""
    owner: str = ""
    promised_days: int = 0
    done_days: int = 0
    score: int = 0
    declined: str = ""
    priority: str = "normal"


PROPOSALS = (
    Proposal(118, "zhaolei", "非机动车棚增设充电桩", "车棚只有两个插座，晚班同事的电动车充不上电。",
             "在抢修班车棚增设 8 个充电位，接独立电表", "liuyang", 45, 38, 5),
    Proposal(111, "zhoumei", "上班时间推迟三十分钟", "早高峰公交拥挤，送孩子上学赶不上八点打卡。",
             "党委会研究，窗口岗位除外，上班时间调整为 8:30", "wangjianguo", 30, 21, 5),
    Proposal(104, "chenjing", "组织听漏仪订单式培训", "新到的相关仪没几个人会用，想按岗位点单。",
             "请厂家到高岗现场培训两期，每期 12 人，考核后发证", "wuqiang", 40, 52, 4),
    Proposal(97, "zhengli", "给网格专员配发防水工作鞋", "雨天入户，鞋湿一整天。",
             "按尺码采购 40 双，三月前发放", "wuqiang", 30, 27, 5),
    Proposal(90, "sunli", "食堂增加清淡窗口", "不少同事血压血糖偏高，希望有少油少盐的选择。",
             "食堂东窗口每天两道少油少盐菜", "wuqiang", 21, 20, 3),
    Proposal(83, "zhangmin", "调度中心更换升降座椅", "夜班一坐八小时，座椅靠背已断。",
             "更换 6 把人体工学座椅", "wangjianguo", 30, 44, 4),
    Proposal(76, "zhaolei", "抢修车加装倒车影像", "夜间窄巷倒车看不清，去年刮擦两次。",
             "四台抢修车加装倒车影像和补光灯", "liuyang", 45, 40, 5),
    Proposal(69, "zhoumei", "96568 坐席设隔音板", "相邻坐席说话互相干扰，来电人听不清。",
             "12 个坐席加装隔音板", "wuqiang", 30, 33, 5),
    Proposal(62, "chenjing", "把夜间最小流量报表做成手机推送", "早上出门前想先看到哪个片区异常。",
             declined="与信息中心现有的告警推送重复，已教会使用，不另建"),
    Proposal(55, "sunli", "审计资料电子归档", "查一次旧账要翻三间库房。",
             "2023 年以后的凭证全部扫描，按单位和月份检索", "wangjianguo", 90),
    Proposal(48, "zhengli", "老旧小区表箱统一换锁", "钥匙有七种，入户抄表常常打不开。",
             "清泉分公司 41 个小区统一为两种锁芯", "zhengli", 60),
    Proposal(41, "liuyang", "夜间抢修津贴按次发放", "现在按月包干，冬天连续抢修的同事吃亏。",
             "人力与财务拟定按次标准，报职代会表决", "liwei", 25, priority="high"),
    Proposal(34, "zhaolei", "巡线班配发对讲机", "沟谷段手机没有信号。",
             "采购 10 部，覆盖高岗南线", "liuyang", 20, 17),
    Proposal(27, "zhangmin", "调度大屏夜间自动降亮度", "凌晨屏幕太亮，眼睛受不了。",
             "22 点到 6 点亮度降到 30%", "wangjianguo", 14, 9),
    Proposal(20, "zhoumei", "增设母婴室", "三楼有间闲置储物室。",
             "三楼 306 改造，三月底完工", "wuqiang", 40),
    Proposal(13, "chenjing", "漏损办公室与抢修班每周碰头", "定位和开挖结果对不上，缺少复盘。"),
    Proposal(9, "zhengli", "统一印制小区公示牌二维码", "旧牌子的贴纸掉了一半。", priority="high"),
    Proposal(4, "zhaolei", "更衣室热水器维修", "两个喷头没有热水，抢修回来没法洗。"),
    Proposal(2, "sunli", "职工书屋周六开放", "平时下班就关门，借不到书。"),
)  # fmt: skip


def live_through(people: Mapping[str, int]) -> None:
    """Raise the proposals on their days and let them take their course, once."""
    if cases.case("SP2026-00001") is not None or cases.case("SP2025-00001") is not None:
        return
    for one in PROPOSALS:
        _live_through(one, people)


def _live_through(one: Proposal, people: Mapping[str, int]) -> None:
    raised_at = timetable.SHOWN_FROM - timedelta(days=one.days_ago, hours=8)
    manager = people["liwei"]
    with clock.frozen(raised_at):
        number = cases.open_case(
            PROPOSAL,
            one.title,
            by_id=people[one.by],
            fields={"wish": one.wish},
            priority=one.priority,
            unit=offices.SEATS[one.by],
        ).number
    if one.declined:
        with clock.frozen(raised_at + FIRST_ANSWER):
            cases.act(number, "decline", by_id=manager, note=one.declined)
    if not one.measure:
        return
    promised_at = raised_at + FIRST_ANSWER
    with clock.frozen(promised_at):
        cases.act(
            number,
            "promise",
            by_id=manager,
            fields={"measure": one.measure},
            owner_id=people[one.owner],
            due_at=_evening(promised_at + timedelta(days=one.promised_days)),
        )
    if not one.done_days:
        return
    finished_at = promised_at + timedelta(days=one.done_days)
    with clock.frozen(finished_at):
        cases.act(number, "finish", by_id=people[one.owner], note=one.measure)
    if one.score:
        with clock.frozen(finished_at + timedelta(days=1)):
            cases.call_back(
                number,
                by_id=manager,
                score=one.score,
                note="已电话回访提出人",
                due_at=None
                if one.score > 3
                else _evening(timetable.SHOWN_FROM + timedelta(days=6)),
            )


def _evening(moment: datetime) -> datetime:
    """Return the end of the working day on which a moment falls."""
    local = clock.local(moment)
    return local.replace(hour=18, minute=0, second=0, microsecond=0)
