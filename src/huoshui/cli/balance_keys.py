"""What the values of a balance are called in files: keys, Chinese headings, units, bounds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping

from huoshui.lab import units
from huoshui.lab.units import written

# A volume's key, and what a Chinese sheet heads it. The error, the share of data and the part that
# is estimated are further keys behind it.
VOLUMES = {
    "own_sources": "自产供水量", "imported": "外购供水量", "exported": "外供水量",
    "storage_rise": "水池存水增加量",
    "billed_metered": "计费计量用水量", "billed_unmetered": "计费未计量用水量",
    "unbilled_metered": "免费计量用水量", "unbilled_unmetered": "免费未计量用水量",
    "unauthorised": "未注册用户用水量", "meter_errors": "计量损失水量",
    "data_errors": "数据误差水量", "mains_leaks": "干管漏失水量",
    "connection_leaks": "接户管漏失水量", "tank_overflows": "水池渗漏溢流水量",
    "household_read": "居民抄表到户水量",
}  # fmt: skip
BEHIND = {"error_pct": "误差%", "data_pct": "数据完整率%", "estimated": "其中估算"}
# Everything else that is a number: its heading, by what it becomes SI, its bounds as written.
NUMBERS: Mapping[str, tuple[str, float, float, float]] = {
    "meter_loss_pct": ("表计漏计率%", 0.01, 0, 50),
    "meter_loss_error_pct": ("表计漏计率误差%", 0.01, 0, 100),
    "mains_km": ("DN75以上管长km", 1000.0, 0, 1e6),
    "private_km": ("表前支管长km", 1000.0, 0, 1e6),
    "connections": ("接户数", 1.0, 0, 1e8),
    "people": ("人口", 1.0, 0, 1e9),
    "pressure_m": ("平均压力m", 1.0, 0, 300),
    "outlet_pressure_mpa": ("年平均出厂压力MPa", 1.0, 0, 3),
    "frost_depth_m": ("最大冻土深度m", 1.0, 0, 10),
    "night_flow_m3h": ("夜间最小流量m3/h", units.M3S_PER_M3H, 0, 1e6),
    "night_flow_error_pct": ("夜间最小流量误差%", 0.01, 0, 100),
    "night_pressure_m": ("夜间压力m", 1.0, 0, 300),
    "day_factor_h": ("昼夜压力系数h", 1.0, 1, 100),
    "small_users": ("小型非居民户数", 1.0, 0, 1e7),
    "large_night_use_m3h": ("大用户夜间用水量m3/h", units.M3S_PER_M3H, 0, 1e6),
    "condition": ("管网状况系数", 1.0, 0.1, 50),
}
WORDS = {"name": "名称", "from": "开始日期", "until": "结束日期", "period": "时段", "unit": "单位"}


def known(key: str) -> bool:
    stem = next((key.removesuffix(f"_{end}") for end in BEHIND if key.endswith(f"_{end}")), key)
    return key in WORDS or key in NUMBERS or stem in VOLUMES


def _plain(text: str) -> str:
    return re.sub(r"[\s_()（）]", "", unicodedata.normalize("NFKC", text)).lower()


def _headings() -> dict[str, str]:
    """Return the key of each heading, English or Chinese."""
    pairs = {**VOLUMES, **WORDS} | {key: one[0] for key, one in NUMBERS.items()}
    for key, chinese in VOLUMES.items():
        pairs |= {f"{key}_{end}": f"{chinese}{words}" for end, words in BEHIND.items()}
    found = {_plain(key): key for key in pairs}
    return found | {_plain(chinese): key for key, chinese in pairs.items()}


HEADINGS = _headings()


def key_of(heading: str) -> tuple[str | None, written.Unit | None]:
    """Return the key of a column's heading, and the unit of a volume written behind it."""
    whole = HEADINGS.get(_plain(heading))
    if whole:
        return whole, None
    found = written.BRACKETED.match(heading)
    unit = written.find(found[2]) if found else None
    key = HEADINGS.get(_plain(found[1])) if found else None
    if key is None or unit is None or unit.quantity != "volume":
        return None, None
    return key, unit


def finder(text: str, start: int, end: int) -> Callable[[str], int | None]:
    """Return what finds the line of a key: in its zone, else above the first one."""
    lines = text.splitlines()

    def find(key: str) -> int | None:
        stem = next((key.removesuffix(f"_{one}") for one in BEHIND if key.endswith(f"_{one}")), key)
        for name in (key, stem):
            for lowest, highest in ((start, end), (0, start or end)):
                for number, line in enumerate(lines, start=1):
                    if lowest < number < highest and re.match(rf"\s*{name}\s*=", line):
                        return number
        return start or None

    return find
