"""Items of a check list as a person writes them: one a line, with strokes between."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from django.utils.translation import gettext as _

from huoshui.areas.fieldwork.checks import refusals, rules, words
from huoshui.areas.fieldwork.checks.kinds import ItemKind

CODE = re.compile(r"[a-z0-9_]{1,40}")
PARTS = 9
NAME_MAX, UNIT_MAX = 80, 20
MUST, MAY, JOB = "must", "may", "job"
EXAMPLE = """leak | 机封和管路 | Seal and pipes | ok
bearing | 轴承温度 | Bearing temperature | number | °C | | 75 | must | job
noise | 声音和振动 | Noise and vibration | ok | | | | must | job
photo | 现场照片 | Photo | photo | | | | may"""


def read(text: str) -> list[rules.Item]:
    """Return the items of some lines; refuses with what is wrong, line by line."""
    found: list[rules.Item] = []
    problems: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        said = _item(line.replace("｜", "|"))
        if isinstance(said, str):
            problems.append(_("Line %(line)s: %(what)s") % {"line": number, "what": said})
        elif any(one.code == said.code for one in found):
            what = _("the code %(code)s comes twice.") % {"code": said.code}
            problems.append(_("Line %(line)s: %(what)s") % {"line": number, "what": what})
        else:
            found.append(said)
    if not found and not problems:
        problems.append(_("A list needs at least one item."))
    if len(found) > rules.ITEMS_MAX:
        problems.append(_("A list has at most %(most)s items.") % {"most": rules.ITEMS_MAX})
    if problems:
        raise refusals.ListNotUsable(problems)
    return found


def _item(line: str) -> rules.Item | str:
    """Return the item of one line, or what is wrong with it."""
    parts = [one.strip() for one in line.split("|")]
    if len(parts) > PARTS:
        return _("it has more than %(most)s parts.") % {"most": PARTS}
    code, zh, en, kind, unit, low, high, need, job = parts + [""] * (PARTS - len(parts))
    if not CODE.fullmatch(code):
        return _("its code has small letters, figures and underscores only.")
    if not zh or len(zh) > NAME_MAX or len(en) > NAME_MAX or len(unit) > UNIT_MAX:
        return _("it needs a Chinese name; names have at most 80 letters, units 20.")
    if kind not in {str(one) for one in ItemKind}:
        return _("“%(kind)s” is none of ok, number, text and photo.") % {"kind": kind}
    bounds = [_number(low), _number(high)]
    if any(one is not None and math.isnan(one) for one in bounds):
        return _("a limit is no number.")
    least, most = bounds
    if least is not None and most is not None and least >= most:
        return _("its lower limit is not below the upper one.")
    if kind != ItemKind.NUMBER and (least is not None or most is not None):
        return _("only numbers have limits.")
    if need not in ("", MUST, MAY) or job not in ("", JOB):
        return _("at its end stand must or may, then job or nothing.")
    return rules.Item(
        code=code, name_zh=zh, name_en=en, kind=ItemKind(kind), unit=unit, low=least, high=most,
        is_needed=need != MAY, wants_job=job == JOB,
    )  # fmt: skip


def _number(text: str) -> float | None:
    """Return a number, None where nothing stands, not-a-number where it cannot be read."""
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        return math.nan
    return value if math.isfinite(value) else math.nan


def written(items: Iterable[rules.Item]) -> str:
    """Return items as the lines that `read` reads."""
    return "\n".join(
        " | ".join(
            [
                one.code, one.name_zh, one.name_en, str(one.kind), one.unit,
                words.plain(one.low), words.plain(one.high), MUST if one.is_needed else MAY,
                JOB if one.wants_job else "",
            ]
        ).rstrip(" |")
        for one in items
    )  # fmt: skip
