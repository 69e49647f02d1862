"""What the pumps of the demo city tell of themselves, as points."""

from __future__ import annotations

from collections.abc import Iterator

from huoshui.areas.telemetry import contracts as telemetry_contracts
from huoshui.areas.telemetry import facade as telemetry
from huoshui.democity import worlds
from huoshui.democity.simulate import machines

# What is told of each pump: code, kind, names, and the most that the instrument can tell.
OF_A_PUMP = (
    ("hours", "running_hours", "运行小时", "Running hours of", 1e6),
    ("bearing", "temperature", "轴承温度", "Bearing temperature of", 150.0),
    ("room", "temperature", "泵房温度", "Pump house temperature at", 80.0),
    ("vibration", "vibration", "轴承振动", "Bearing vibration of", 50.0),
    ("power", "power", "功率", "Power of", 100.0),
)


def _declarations() -> Iterator[telemetry_contracts.PointDeclaration]:
    """Give the declarations of what pumps tell of themselves."""
    for pump in machines.WATCHED:
        for last, kind, name_zh, name_en, most in OF_A_PUMP:
            yield telemetry_contracts.PointDeclaration(
                code=f"{pump}.{last}", name_en=f"{name_en} {pump}", name_zh=f"{pump} {name_zh}",
                kind=kind, asset_code=pump, zone_code=worlds.l_town().zone_of(pump), range_min=0,
                range_max=most, expected_every_s=300,
            )  # fmt: skip


def declare(by_id: int | None) -> None:
    """Declare those that are not there yet: a city of before these points gets them too."""
    known = telemetry.point_ids()
    missing = [one for one in _declarations() if one.code not in known]
    if missing:
        telemetry.declare_points(missing, by_id)
