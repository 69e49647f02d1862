"""The estates of the cold wave, who lives there, and whose meter hangs in the cold; pure."""

from __future__ import annotations

import random
from dataclasses import dataclass

NAMES = (
    "槐荫里", "铁机新村", "纺织二宿舍", "北园老街", "建材厂家属院", "轴承厂宿舍", "堤口路小区",
    "东工业新村", "盛福家园", "友谊苑", "红山小区", "汽配厂宿舍", "粮食局宿舍", "北坦新居",
    "文化里", "振兴街小区", "丁香苑", "银杏佳园", "和平里", "四季花城", "阳光舜城北区",
    "金鸡岭小区", "名泉春晓", "绿景嘉园", "翡翠清河", "凤鸣山庄", "龙泽园", "云锦台",
    "中海国际东", "学府春天", "汇文雅居", "丽景新城", "万象时代", "康桥水岸", "紫薇公馆",
    "领秀朗庭",
)  # fmt: skip
# The first of them are old: meters hang in open stairwells and roof sheds.
OLD = 16
# The list of the risk of these old estates was never handed in, so nobody there was warned.
NOT_LISTED = 4
BUILDINGS = 6
UNITS = (1, 2)
ROOMS = ("101", "102", "201", "202", "301", "302", "401", "402", "501")
EXPOSED_SHARE = 0.5
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉建国志文斌宇浩然晨雨欣怡佳宁"


@dataclass(frozen=True, slots=True)
class Estate:
    """One housing estate."""

    code: str
    name: str
    is_old: bool
    is_listed: bool


@dataclass(frozen=True, slots=True)
class Home:
    """One flat with its account and meter; ``is_warned`` where the reminder went to it."""

    account: str
    holder: str
    phone: str
    estate: Estate
    building: int
    unit: int
    room: str
    meter: str
    reading_m3: int
    is_exposed: bool

    @property
    def address(self) -> str:
        """Where it is, as people say it."""
        return f"{self.estate.name}{self.building}号楼{self.unit}单元{self.room}室"

    @property
    def is_warned(self) -> bool:
        """Whether the special reminder is sent to it: it is exposed, and on the list."""
        return self.is_exposed and self.estate.is_listed


def estates() -> tuple[Estate, ...]:
    """Return all estates, the old ones first."""
    return tuple(
        Estate(f"HC-{n + 1:02d}", name, n < OLD, NOT_LISTED <= n < OLD)
        for n, name in enumerate(NAMES)
    )


def homes(dice: random.Random) -> tuple[Home, ...]:
    """Return every flat of every estate; accounts and telephones are all different."""
    found: list[Home] = []
    for estate in estates():
        for building in range(1, BUILDINGS + 1):
            for unit in UNITS:
                for room in ROOMS:
                    number = len(found)
                    holder = dice.choice(SURNAMES) + "".join(
                        dice.choices(GIVEN, k=dice.choice((1, 2, 2)))
                    )
                    found.append(
                        Home(
                            account=f"{700_001 + number}",
                            holder=holder,
                            # 7919 is prime, so that no two numbers are the same.
                            phone=f"1{'3578'[number % 4]}9{(number * 7919 + 137) % 10**8:08d}",
                            estate=estate,
                            building=building,
                            unit=unit,
                            room=room,
                            meter=f"HC{4_000_000 + 17 * number}",
                            reading_m3=dice.randrange(80, 2400),
                            is_exposed=estate.is_old and dice.random() < EXPOSED_SHARE,
                        )
                    )
    return tuple(found)
