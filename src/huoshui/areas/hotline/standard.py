"""What people call a water company about, as an installation finds it on its first day.

From then on the table is the installation's own, to be changed on its page.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

REPAIR, ENQUIRY, COMPLAINT = "hotline.repair", "hotline.enquiry", "hotline.complaint"
# Code, kind, Chinese, English.
GROUPS = (
    ("repair", "repair", "报修", "Repairs"),
    ("enquiry", "enquiry", "咨询", "Enquiries"),
    ("complaint", "complaint", "投诉", "Complaints"),
    ("suggestion", "suggestion", "建议", "Suggestions"),
    ("praise", "praise", "表扬", "Praise"),
)
# Group, code, Chinese, English, priority, minutes until somebody must be there (0: none of its
# own), whether calls are folded, questions in both languages, guidance in both languages.
TOPICS: tuple[tuple[str, str, str, str, str, int, bool, str, str, str, str], ...] = (
    ("repair", "burst", "爆管跑水", "Burst, water in the street", "urgent", 30, True,
     "水流有多大，是否冲刷路面？\n附近有没有明显标志物？\n是否影响通行或进入住宅？",
     "How strong is the flow, does it wash out the road?\nWhat landmark is near?\n"
     "Does it block traffic or run into houses?",
     "请用户远离积水和塌陷处。夜间爆管同样 30 分钟内到场。",
     "Ask the caller to keep away from the water. By night too, somebody is there in 30 minutes."),
    ("repair", "no_water", "无水", "No water", "high", 60, True,
     "是只有一家还是整栋楼没水？\n表前阀门是否打开？\n从什么时候开始？",
     "Only one home, or the whole building?\nIs the valve before the meter open?\nSince when?",
     "先看页面上方有无停水公告；欠费停水不派抢修。",
     "Look first whether an outage is announced above; what is shut off for debt is no repair."),
    ("repair", "frozen_meter", "冻表冻管", "Frozen meter or pipe", "high", 60, True,
     "水表在楼道、表井还是室外？\n表盘玻璃是否裂开？\n是否做过保温？",
     "Is the meter in the corridor, in a pit or outside?\nIs its glass cracked?\n"
     "Was it wrapped against frost?",
     "切勿用开水或明火。可用温毛巾从水龙头一端开始化冻。",
     "Never use boiling water or a flame. Warm cloths from the tap's end thaw it."),
    ("repair", "low_pressure", "水压低", "Low pressure", "normal", 240, True,
     "所有龙头都小还是只有一个？\n热水器前过滤网是否清洗过？\n哪个时段最低？",
     "All taps or one?\nWas the filter before the boiler cleaned?\nAt which hours is it lowest?",
     "高层请先确认二次供水设备是否正常。",
     "In high buildings ask first whether the booster set runs."),
    ("repair", "water_quality", "水质异常", "Water looks or smells wrong", "high", 60, True,
     "发黄、发白还是有异味？\n放水几分钟后是否好转？\n邻居是否也这样？",
     "Yellow, white, or a smell?\nBetter after some minutes of running?\nNeighbours too?",
     "发白多为气泡，静置即清。发黄先放水；若整栋都有请立即派采样。",
     "White is mostly air. Yellow: let it run; if the whole building has it, send a sampler."),
    ("repair", "leak_at_meter", "表前表后漏水", "Leak at the meter", "high", 60, False,
     "漏点在表前还是表后？\n能否先关闭表前阀？",
     "Before or behind the meter?\nCan the valve before the meter be closed?",
     "表后属用户资产，可提供有偿服务。", "Behind the meter it is the customer's own."),
    ("repair", "meter_fault", "水表故障", "Meter does not work", "normal", 1440, False,
     "表号是多少？\n不走、倒走还是看不清？",
     "Meter number?\nStands still, runs backwards, unreadable?",
     "", ""),
    ("repair", "cover_missing", "井盖缺失", "Cover missing", "urgent", 30, True,
     "准确位置？\n是否有水务标志？", "Exact place?\nDoes it carry our mark?",
     "请用户在安全处提醒行人。", "Ask the caller to warn others from a safe place."),
    ("enquiry", "outage", "停水咨询", "Is there an outage?", "normal", 0, False,
     "具体小区和楼号？", "Which estate and building?",
     "以页面上方公告为准，告知预计恢复时间。", "Tell what is announced above and until when."),
    ("enquiry", "bill", "水费查询", "How much is my bill?", "normal", 0, False,
     "户号或表号？", "Account or meter number?", "", ""),
    ("enquiry", "payment", "缴费方式", "How can I pay?", "normal", 0, False, "", "", "", ""),
    ("enquiry", "tariff", "水价政策", "What does water cost?", "normal", 0, False, "", "", "", ""),
    ("enquiry", "connection", "报装咨询", "New connection", "normal", 0, False, "", "", "", ""),
    ("enquiry", "name_change", "过户更名", "Change of name", "normal", 0, False, "", "", "", ""),
    ("enquiry", "frost", "防冻保温", "Protection from frost", "normal", 0, False, "", "",
     "提醒夜间低于零下 5 度时保留滴水。", "Below minus five let a tap drip at night."),
    ("enquiry", "reading", "抄表问题", "Meter reading", "normal", 0, False, "", "", "", ""),
    ("complaint", "bill_dispute", "水费争议", "Bill is disputed", "normal", 0, False,
     "哪个账期？\n表盘现在读数？", "Which period?\nWhat does the meter show now?", "", ""),
    ("complaint", "service", "服务态度", "Manners of staff", "normal", 0, False,
     "时间、地点、工号？", "When, where, whose number?", "", ""),
    ("complaint", "delay", "处理不及时", "Not done in time", "high", 0, False,
     "原工单号？", "Number of the earlier case?", "", ""),
    ("complaint", "works", "施工扰民", "Noise and dirt of works", "normal", 0, False,
     "", "", "", ""),
    ("suggestion", "suggestion_any", "服务建议", "Suggestion", "low", 0, False, "", "", "", ""),
    ("praise", "praise_any", "表扬感谢", "Praise", "low", 0, False,
     "表扬谁，什么事？", "Whom, for what?", "", ""),
)  # fmt: skip
CASE_TYPES = {
    "repair": REPAIR, "enquiry": ENQUIRY, "complaint": COMPLAINT, "suggestion": COMPLAINT,
    "praise": ENQUIRY,
}  # fmt: skip

# With which type of job of field work a crew is sent, where the installation has that type.
JOB_TYPES = {
    "frozen_meter": "frozen_meter", "meter_fault": "meter_exchange", "leak_at_meter": "pipe_leak",
    "burst": "pipe_leak",
}  # fmt: skip
# Came later than the others: a caller who meant somebody else. No case is opened for it.
WRONG_NUMBERS = (
    ("", {"code": "wrong_numbers", "kind": "wrong_number", "name_zh": "打错电话",
          "name_en": "Wrong numbers", "case_type": "", "order": 900}),
    ("wrong_numbers", {
        "code": "wrong_number", "kind": "wrong_number", "name_zh": "打错电话",
        "name_en": "Wrong number", "case_type": "", "priority": "low", "order": 900,
        "guidance_zh": "礼貌说明这里是供水服务热线，可告知对方所找单位的电话。",
        "guidance_en": "Say kindly that this is the water hotline, and whom to call instead."}),
)  # fmt: skip


def fill_wrong_numbers(model: Any) -> None:
    """Add the topic of wrong numbers where there is none."""
    if model.objects.filter(kind="wrong_number").exists():
        return
    above: dict[str, Any] = {}
    for group, values in WRONG_NUMBERS:
        above[str(values["code"])] = model.objects.create(above=above.get(group), **values)


# The words of a chat by which a message is proposed as being about a topic.
CHAT_WORDS = {
    "burst": "爆管 跑水 喷水 水管爆 冒水 burst",
    "no_water": "停水 没水 没有水 断水 无水 不来水 没来水 no water",
    "frozen_meter": "冻表 冻住 上冻 冻裂 结冰 frozen",
    "low_pressure": "水压 水小 水很小 水太小 水流小 水好小 pressure",
    "water_quality": "水质 发黄 黄水 浑浊 异味 有味 发白 水脏 沙子 yellow water",
    "leak_at_meter": "漏水 滴水 渗水 leak",
    "meter_fault": "水表坏 水表不走 水表不转 表不走 水表故障",
    "cover_missing": "井盖",
    "outage": "停水通知 几点来水 什么时候来水 多久来水 when will the water",
    "bill": "水费多少 查水费 账单 水费怎么查 bill",
    "payment": "缴费 交水费 交费 缴水费 pay",
    "tariff": "水价 阶梯 多少钱一吨 多少钱一方 tariff",
    "connection": "报装 新装 开户 装水表",
    "name_change": "过户 更名",
    "frost": "防冻 保温",
    "reading": "抄表 读数",
    "bill_dispute": "水费高 水费太高 水费贵 多收 乱收费 水费不对",
    "delay": "没人管 没人处理 一直没修",
    "works": "施工 挖路 路面",
    "praise_any": "表扬 点赞 修得快",
}  # fmt: skip


def fill_chat_words(model: Any) -> None:
    """Give the standard topics that have no words for chats yet those of ours."""
    for code, words in CHAT_WORDS.items():
        lines = "\n".join(_chat_words(words))
        model.objects.filter(code=code, chat_words="").update(chat_words=lines)


def _chat_words(words: str) -> list[str]:
    """Return the words of one topic; what is English is one phrase, blanks and all."""
    chinese = [one for one in words.split() if not one.isascii()]
    english = " ".join(one for one in words.split() if one.isascii())
    return [*chinese, english] if english else chinese


def fill_job_types(model: Any) -> None:
    """Say with which type of job crews are sent, where nobody has said it yet."""
    for code, job_type in JOB_TYPES.items():
        model.objects.filter(code=code, job_type_code="").update(job_type_code=job_type)


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the code of what stands above, and the values of each topic, groups first."""
    for order, (code, kind, name_zh, name_en) in enumerate(GROUPS):
        yield "", {"code": code, "kind": kind, "name_zh": name_zh, "name_en": name_en,
                   "case_type": CASE_TYPES[kind], "order": order * 100}  # fmt: skip
    kinds = {code: kind for code, kind, _zh, _en in GROUPS}
    for order, one in enumerate(TOPICS):
        (group, code, name_zh, name_en, priority, minutes, folds, ask_zh, ask_en, say_zh,
         say_en) = one  # fmt: skip
        yield group, {
            "code": code, "kind": kinds[group], "name_zh": name_zh, "name_en": name_en,
            "priority": priority, "limit_minutes": minutes or None, "is_folded": folds,
            "questions_zh": ask_zh, "questions_en": ask_en, "guidance_zh": say_zh,
            "guidance_en": say_en, "case_type": CASE_TYPES[kinds[group]], "order": order,
        }  # fmt: skip


def fill(model: Any) -> int:
    """Write the standard topics into an empty table; return how many."""
    if model.objects.exists():
        return 0
    above: dict[str, Any] = {}
    for group, values in rows():
        above[str(values["code"])] = model.objects.create(above=above.get(group), **values)
    return len(above)
