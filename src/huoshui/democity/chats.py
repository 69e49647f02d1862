"""The owners' chat groups of the demo: what a specialist pasted, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from huoshui.areas.hotline import facade as hotline
from huoshui.democity import timetable
from huoshui.kernel import clock

# What is copied out of an owners' chat group: hours ago, who, what.
CHATS = (
    (50, "3-2-501 王女士", "请问什么时候来水？"),
    (49, "物业小刘", "大家早，今天下午物业办公室有人值班"),
    (30, "1-1-202", "四楼以上水压很低，热水器打不着"),
    (29, "1-2-402 老赵", "我家也是水压低，晚上更明显"),
    (26, "2-3-101", "楼道表箱一直滴水，谁来看看"),
    (20, "5-1-301", "水费怎么查，微信能交水费吗"),
    (6, "3-2-501 王女士", "早上放出来的水发黄，能用吗"),
    (5, "物业小刘", "已经反映了，谢谢大家"),
    (2, "1-1-202", "现在水压还是低，求处理"),
)
ELSEWHERE = (
    (33, "2-1-604 孙阿姨", "我们这栋今天早上没水，别的楼有吗？"),
    (32, "6-2-101", "六号楼也没水"),
    (28, "4-1-203 小何", "小区东门路面冒水，好像是水管漏了"),
)
CHAT_ANSWERS = {
    "bill": "您好，微信公众号“账单查询”里绑定户号即可查询，也能直接缴费。",
    "outage": "您好，以微信公众号的停水公告为准，预计今天 18:00 前恢复供水。",
    "payment": "您好，可在微信公众号“缴费”里绑定户号查询和缴费。",
}


def set_up(people: Mapping[str, int]) -> None:
    """Let the specialist paste what owners wrote in two groups, and handle most of it."""
    specialist = people["grid_specialist"]
    groups = hotline.register_chat_groups(by_id=specialist)
    for n, name in enumerate(list(groups)[:2]):
        said = CHATS if n == 0 else ELSEWHERE
        for since, until in ((999, 24), (24, 0)):
            lines = [
                f"{who} {clock.local(timetable.SHOWN_FROM - timedelta(hours=ago)):%Y-%m-%d %H:%M}"
                f"\n{text}\n"
                for ago, who, text in said if until <= ago < since
            ]  # fmt: skip
            if not lines:
                continue
            at = timetable.SHOWN_FROM - timedelta(hours=until, minutes=-20 if until else 40)
            with clock.frozen(at):
                hotline.paste_chat(name, "\n".join(lines), by_id=specialist)
                most = 99 if until else 1
                hotline.handle_chat(name, answers=CHAT_ANSWERS, most=most, by_id=specialist)
