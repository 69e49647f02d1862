"""Small worlds that fit into a head."""

from __future__ import annotations

from types import MappingProxyType

from huoshui.areas.network.contracts import Attributes, Material, ZoneDeclaration
from huoshui.democity.worlds.world import World, ZoneBalance

TWO_PIPES = """[TITLE]
Two pipes

[JUNCTIONS]
;ID  Elevation  Demand
 A   10         36
 B   5          18

[RESERVOIRS]
;ID  Head
 R   50

[PIPES]
;ID  Node1  Node2  Length  Diameter  Roughness  MinorLoss  Status
 P1  R      A      1000    200       130        0          Open
 P2  A      B      500     150       100        0          Open

[TIMES]
 Duration            24:00
 Hydraulic Timestep  0:05
 Pattern Timestep    1:00

[OPTIONS]
 Units     CMH
 Headloss  H-W
 Accuracy  1e-4

[COORDINATES]
;Node  X     Y
 R     0     0
 A     1000  0
 B     1000  500

[END]
"""

THREE_ZONES = """[TITLE]
Three zones and a tank

[JUNCTIONS]
;ID  Elevation  Demand  Pattern
 N0  20         0       DAY
 N1  15         40      DAY
 N2  12         25      DAY
 N3  14         30      DAY
 N4  10         20      DAY
 N5  60         0       DAY
 N6  62         15      DAY

[RESERVOIRS]
;ID  Head
 R   70

[TANKS]
;ID  Elevation  InitLevel  MinLevel  MaxLevel  Diameter  MinVol
 T   90         2.5        0         4         12        0

[PIPES]
;ID   Node1  Node2  Length  Diameter  Roughness  MinorLoss  Status
 M1   R      N0     600     400       120        0          Open
 M2   N0     N1     500     300       120        0          Open
 P12  N1     N2     400     150       110        0          Open
 M3   N0     N3     700     300       120        0          Open
 P34  N3     N4     450     150       110        0          Open
 P56  N6     T      300     200       130        0          Open
 P55  N5     N6     350     200       130        0          Open

[PUMPS]
;ID  Node1  Node2  Parameters
 B1  N3     N5     HEAD LIFT

[CURVES]
;ID    Flow  Head
 LIFT  0     45
 LIFT  25    35
 LIFT  50    5

[PATTERNS]
 DAY  0.5 0.4 0.4 0.4 0.5 0.8 1.2 1.5 1.4 1.2 1.1 1.1
 DAY  1.2 1.1 1.0 1.0 1.1 1.3 1.5 1.5 1.3 1.1 0.8 0.6

[CONTROLS]
 LINK B1 CLOSED IF NODE T ABOVE 3.8
 LINK B1 OPEN IF NODE T BELOW 2

[TIMES]
 Duration            24:00
 Hydraulic Timestep  0:05
 Pattern Timestep    1:00

[OPTIONS]
 Units     CMH
 Headloss  H-W
 Accuracy  1e-4

[COORDINATES]
;Node  X     Y
 R     0     0
 N0    600   0
 N1    900   400
 N2    1300  400
 N3    900   -600
 N4    1300  -800
 N5    600   -900
 N6    300   -1100
 T     100   -1300

[END]
"""


def two_pipes() -> World:
    """Return a reservoir, two pipes and two villages.

    R (50 m) ---- P1 ---- A (36 m³/h) ---- P2 ---- B (18 m³/h)
    """
    return World(
        name="two_pipes",
        inp_text=TWO_PIPES,
        zones=(
            ZoneDeclaration(
                code="V", name="两村", name_en="Liangcun", assets=("A", "B", "P1", "P2")
            ),
        ),
        balances=MappingProxyType({"V": ZoneBalance(inlets=("P1",))}),
        attributes=MappingProxyType(
            {
                "P1": Attributes(material=Material.DUCTILE_IRON, laid_year=2008),
                "P2": Attributes(material=Material.GREY_CAST_IRON, laid_year=1986),
            }
        ),
        pressure_nodes=("B",),
        flow_links=("P1",),
    )


def three_zones() -> World:
    """Return two zones in the valley and one on the hill behind a pump and a tank.

    R == N0 == N1 -- N2          zone E (east)
          ||
          N3 -- N4               zone W (west)
          |
          B1 (pump) -- N5 -- N6 -- T    zone H (hill)
    """
    return World(
        name="three_zones",
        inp_text=THREE_ZONES,
        zones=(
            ZoneDeclaration(
                code="E", name="东片", name_en="Dongpian", assets=("N1", "N2", "M2", "P12")
            ),
            ZoneDeclaration(
                code="W", name="西片", name_en="Xipian", assets=("N3", "N4", "M3", "P34")
            ),
            ZoneDeclaration(
                code="H",
                name="山片",
                name_en="Shanpian",
                assets=("N5", "N6", "T", "B1", "P55", "P56"),
            ),
        ),
        balances=MappingProxyType(
            {
                "E": ZoneBalance(inlets=("M2",)),
                "W": ZoneBalance(inlets=("M3",), outlets=("B1",)),
                "H": ZoneBalance(inlets=("B1",), tank="T", meters=("N6",)),
            }
        ),
        pressure_nodes=("N2", "N4", "N6"),
        flow_links=("M2", "M3", "B1"),
        level_tanks=("T",),
        meter_nodes=("N6",),
    )
