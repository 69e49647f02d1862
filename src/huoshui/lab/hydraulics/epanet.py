"""EPANET 2.3 as the reference engine: one open project, SI on both sides."""

from __future__ import annotations

import ctypes
import enum
import functools
import importlib.util
import math
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from huoshui.lab import units

Values = NDArray[np.float64]

FLOW_UNITS_M3S = (
    units.M3_PER_FOOT3,
    units.M3_PER_US_GALLON / 60,
    units.M3_PER_US_GALLON * 1e6 / units.S_PER_DAY,
    units.M3_PER_IMPERIAL_GALLON * 1e6 / units.S_PER_DAY,
    units.M3_PER_ACRE_FOOT / units.S_PER_DAY,
    units.M3S_PER_LPS,
    units.M3S_PER_LPS / 60,
    1e3 / units.S_PER_DAY,
    units.M3S_PER_M3H,
    1 / units.S_PER_DAY,
    1.0,
)
"""Size of EPANET's flow units in m³ s⁻¹, by their number; from 5 on a file is metric."""

FIRST_METRIC_UNIT = 5
PSI_PER_FOOT = 0.4333
ID_LENGTH = 32
WARNINGS_BELOW = 100
TIMER, RULE_ON_SYSTEM, RULE_ON_TIME = 2, 8, 9
"""EPANET's numbers for a control at a time, and for a rule that looks at the time."""


class _Node(enum.IntEnum):
    ELEVATION = 0
    EMITTER = 3
    TANKLEVEL = 8
    DEMAND = 9
    HEAD = 10
    TANKDIAM = 17


class _Link(enum.IntEnum):
    DIAMETER = 0
    LENGTH = 1
    ROUGHNESS = 2
    INITSTATUS = 4
    FLOW = 8
    VELOCITY = 9
    STATUS = 11


class _Count(enum.IntEnum):
    NODE = 0
    LINK = 2
    PATTERN = 3
    CONTROL = 5
    RULE = 6


class _Time(enum.IntEnum):
    DURATION = 0
    HYDSTEP = 1
    PATTERNSTEP = 3
    QUALSTEP = 2
    PATTERNSTART = 4
    REPORTSTEP = 5
    STARTTIME = 10


class Quality(enum.IntEnum):
    """What a run follows besides the hydraulics."""

    NOTHING = 0
    SUBSTANCE = 1
    AGE = 2
    TRACE = 3


class _Option(enum.IntEnum):
    TRIALS = 0
    ACCURACY = 1
    EMITEXPON = 3
    DEMANDMULT = 4


class _Raw(enum.IntEnum):
    """Numbers of properties that are read in the file's own units, by name."""

    NODE_ELEVATION = 0
    NODE_EMITTER = 3
    NODE_MINLEVEL = 20
    NODE_MAXLEVEL = 21
    NODE_CANOVERFLOW = 26
    NODE_EMITTERFLOW = 29
    NODE_LEAKAGEFLOW = 30
    NODE_DEMANDFLOW = 31
    NODE_FULLDEMAND = 32
    NODE_QUALITY = 12
    LINK_DIAMETER = 0
    LINK_LENGTH = 1
    LINK_ROUGHNESS = 2
    LINK_MINORLOSS = 3
    LINK_INITSTATUS = 4
    LINK_INITSETTING = 5
    LINK_STATUS = 11
    LINK_SETTING = 12
    LINK_ENERGY = 13
    LINK_PUMP_STATE = 16
    LINK_PUMP_POWER = 18
    LINK_PUMP_HCURVE = 19
    LINK_INCONTROL = 23
    LINK_GPV_CURVE = 24
    LINK_LEAK_AREA = 26
    LINK_LEAK_EXPAN = 27
    OPTION_EMITEXPON = 3
    OPTION_HEADLOSSFORM = 7
    OPTION_SP_GRAVITY = 12
    OPTION_SP_VISCOS = 13
    OPTION_DEMANDPATTERN = 23
    OPTION_EMITBACKFLOW = 24
    OPTION_PRESS_UNITS = 25


class LibraryMissing(RuntimeError):
    """The EPANET library of the owa-epanet wheel was not found."""


class EpanetRefused(RuntimeError):
    """EPANET refused a call.

    Attributes
    ----------
    code : int
        EPANET's error number.
    call : str
        The toolkit function.
    details : tuple of str
        Lines of the report that name what is wrong in the file.
    """

    def __init__(self, *, code: int, call: str, message: str, details: Sequence[str] = ()) -> None:
        text = f"EPANET error {code} in {call}: {message}"
        super().__init__("; ".join((text, *details)))
        self.code = code
        self.call = call
        self.details = tuple(details)


class UnknownObject(KeyError):
    """The network has no node, link or pattern of that name."""


@functools.cache
def _library() -> ctypes.CDLL:
    """Load the library that the owa-epanet wheel brings."""
    found = importlib.util.find_spec("epanet")
    folders = list(found.submodule_search_locations or ()) if found else []
    for folder in folders:
        for pattern in ("libepanet2.*", "epanet2.dll"):
            for path in sorted(Path(folder).glob(pattern)):
                return ctypes.CDLL(str(path))
    msg = "the EPANET library is not installed; install the package owa-epanet"
    raise LibraryMissing(msg)


def library_version() -> str:
    """Return the version of the EPANET library, as in 2.3.5."""
    number = ctypes.c_int()
    _library().EN_getversion(ctypes.byref(number))
    major, rest = divmod(number.value, 10_000)
    return f"{major}.{rest // 100}.{rest % 100}"


class EpanetProject:
    """One network, open in EPANET.

    Everything that goes in and comes out is SI: m³ s⁻¹, m, s; heads and pressures in metres of
    water, whatever the file's units. Arrays are in the order of `node_ids` and `link_ids`, flows
    are positive from a link's start to its end, demands positive out of the network.

    A project holds a folder of temporary files: close it, or use it in a ``with`` statement. It
    belongs to one thread at a time.
    """

    def __init__(self, text: str) -> None:
        """Open a network from the text of an INP file.

        Raises
        ------
        EpanetRefused
            If EPANET cannot read it; the report's lines are in ``details``.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="huoshui-epanet-")
        self._handle = ctypes.c_void_p()
        self._running = False
        self.warnings: set[int] = set()
        folder = Path(self._folder.name)
        (folder / "network.inp").write_text(text, encoding="utf-8", errors="replace")
        _library().EN_createproject(ctypes.byref(self._handle))
        try:
            self._call(
                "EN_open",
                str(folder / "network.inp").encode(),
                str(folder / "report.txt").encode(),
                str(folder / "results.bin").encode(),
            )
            self._read_network()
        except BaseException:
            self.close()
            raise

    @classmethod
    def from_path(cls, path: Path) -> EpanetProject:
        """Open a network from an INP file, which is read once and not touched."""
        return cls(Path(path).read_text(encoding="utf-8", errors="replace"))

    def __enter__(self) -> EpanetProject:
        """Give the open project."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the project."""
        self.close()

    def close(self) -> None:
        """Free the project and its temporary files. Closing twice does no harm."""
        if self._handle:
            _library().EN_deleteproject(self._handle)
            self._handle = ctypes.c_void_p()
        self._folder.cleanup()

    # -- calling EPANET

    def _call(self, name: str, *arguments: object) -> None:
        """Call the toolkit; keep its warnings, raise its errors."""
        code = int(getattr(_library(), name)(self._handle, *arguments))
        if code == 0:
            return
        if code < WARNINGS_BELOW:
            self.warnings.add(code)
            return
        text = ctypes.create_string_buffer(256)
        _library().EN_geterror(code, text, 255)
        message = text.value.decode(errors="replace").removeprefix(f"Error {code}: ")
        if name == "EN_open":
            _library().EN_close(self._handle)  # writes what is wrong in the file to the report
        raise EpanetRefused(code=code, call=name, message=message, details=self._report())

    def _report(self) -> list[str]:
        """Return the report's lines that name errors."""
        path = Path(self._folder.name) / "report.txt"
        if not path.is_file():
            return []
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        return [line.strip() for line in lines if "Error" in line][:20]

    def _number(self, name: str, *arguments: object) -> int:
        number = ctypes.c_int()
        self._call(name, *arguments, ctypes.byref(number))
        return number.value

    def _value(self, name: str, *arguments: object) -> float:
        value = ctypes.c_double()
        self._call(name, *arguments, ctypes.byref(value))
        return value.value

    def _vector(self, name: str, what: int, count: int) -> Values:
        """Return one property of all nodes or links in EPANET's units."""
        values = np.empty(count)
        self._call(name, ctypes.c_int(what), values.ctypes.data_as(ctypes.c_void_p))
        return values

    # -- what the network is

    def _read_network(self) -> None:
        unit = self._number("EN_getflowunits")
        self._metric = unit >= FIRST_METRIC_UNIT
        self._flow_m3s = FLOW_UNITS_M3S[unit]
        self._length_m = 1.0 if self._metric else units.M_PER_FOOT
        self.node_ids = self._ids("EN_getnodeid", _Count.NODE)
        self.link_ids = self._ids("EN_getlinkid", _Count.LINK)
        self._node_index = {name: index for index, name in enumerate(self.node_ids)}
        self._link_index = {name: index for index, name in enumerate(self.link_ids)}
        ends = [self._ends(index) for index in range(len(self.link_ids))]
        self.link_nodes: NDArray[np.int64] = np.asarray(ends, dtype=np.int64).reshape(-1, 2)
        self.elevations_m = self._nodes(_Node.ELEVATION) * self._length_m
        self.patterns = {
            self._id("EN_getpatternid", index + 1): index
            for index in range(self._number("EN_getcount", _Count.PATTERN))
        }

    def _id(self, call: str, index: int) -> str:
        name = ctypes.create_string_buffer(ID_LENGTH)
        self._call(call, index, name)
        return name.value.decode(errors="replace")

    def _ids(self, call: str, what: _Count) -> tuple[str, ...]:
        count = self._number("EN_getcount", int(what))
        return tuple(self._id(call, index + 1) for index in range(count))

    def _ends(self, index: int) -> tuple[int, int]:
        start, end = ctypes.c_int(), ctypes.c_int()
        self._call("EN_getlinknodes", index + 1, ctypes.byref(start), ctypes.byref(end))
        return start.value - 1, end.value - 1

    def _nodes(self, what: _Node) -> Values:
        return self._vector("EN_getnodevalues", int(what), len(self.node_ids))

    def _links(self, what: _Link) -> Values:
        return self._vector("EN_getlinkvalues", int(what), len(self.link_ids))

    # -- water quality, beside the hydraulics of the same run

    def set_quality(self, kind: Quality) -> None:
        """Set what the run follows besides the hydraulics; a substance as the file describes it."""
        name = {Quality.SUBSTANCE: b"chlorine", Quality.AGE: b"age"}.get(kind, b"")
        self._call("EN_setqualtype", int(kind), name, b"mg/L", b"")

    def quality(self) -> Quality:
        """Return what the run follows besides the hydraulics."""
        kind, node = ctypes.c_int(), ctypes.c_int()
        self._call("EN_getqualtype", ctypes.byref(kind), ctypes.byref(node))
        return Quality(kind.value)

    def start_quality(self) -> None:
        """Begin to follow the quality of a run that was started."""
        self._call("EN_openQ")
        self._call("EN_initQ", 0)

    def solve_quality(self) -> None:
        """Work out the quality at the moment just solved."""
        self._call("EN_runQ", ctypes.byref(ctypes.c_long()))

    def advance_quality(self) -> None:
        """Move the quality on to the moment to which `advance` moved the hydraulics."""
        self._call("EN_nextQ", ctypes.byref(ctypes.c_long()))

    def end_quality(self) -> None:
        """Stop following the quality."""
        self._call("EN_closeQ")

    def time_s(self, what: str) -> int:
        """Return a time of the run by EPANET's name for it. [s]"""
        value = ctypes.c_long()
        self._call("EN_gettimeparam", int(_Time[what]), ctypes.byref(value))
        return value.value

    def set_time_s(self, what: str, value_s: int) -> None:
        """Set a time of the run by EPANET's name for it. [s]"""
        self._call("EN_settimeparam", int(_Time[what]), ctypes.c_long(value_s))

    # -- reading what the frozen network needs, in the file's own units

    @property
    def is_metric(self) -> bool:
        """Whether lengths of the file are metres."""
        return self._metric

    @property
    def flow_unit_m3s(self) -> float:
        """Size of the file's flow unit. [m³ s⁻¹]"""
        return self._flow_m3s

    @property
    def emitter_unit_m(self) -> float:
        """Head of one unit of pressure in the coefficients of emitters. [m]

        EPANET 2.3.5 takes metres in metric files and psi in the others, whatever unit the pressures
        of the file have; only a psi is less head of a heavier liquid.
        """
        if self._metric:
            return 1.0
        return units.M_PER_FOOT / (PSI_PER_FOOT * self.raw_option("SP_GRAVITY"))

    def raw_nodes(self, what: str) -> Values:
        """Return a property of all nodes in the file's units, by EPANET's name for it."""
        return self._vector("EN_getnodevalues", _Raw[f"NODE_{what}"], len(self.node_ids))

    def raw_links(self, what: str) -> Values:
        """Return a property of all links in the file's units, by EPANET's name for it."""
        if _Raw[f"LINK_{what}"] in (_Raw.LINK_LEAK_AREA, _Raw.LINK_LEAK_EXPAN):
            return np.asarray([self.raw_link(i, what) for i in range(len(self.link_ids))])
        return self._vector("EN_getlinkvalues", _Raw[f"LINK_{what}"], len(self.link_ids))

    def raw_link(self, link: int, what: str) -> float:
        """Return a property of the link at a place of `link_ids`, in the file's units."""
        return self._value("EN_getlinkvalue", int(link) + 1, int(_Raw[f"LINK_{what}"]))

    def raw_option(self, what: str) -> float:
        """Return an option in the file's units, by EPANET's name for it."""
        if what == "DEMAND_MODEL":
            return float(self._demand_model()[0])
        return self._value("EN_getoption", int(_Raw[f"OPTION_{what}"]))

    def pressure_demand(self) -> tuple[float, float, float]:
        """Return pressure without and with full demand, in the file's units, and exponent."""
        return self._demand_model()[1:]

    def _demand_model(self) -> tuple[int, float, float, float]:
        kind = ctypes.c_int()
        least, wanted, exponent = ctypes.c_double(), ctypes.c_double(), ctypes.c_double()
        numbers = (kind, least, wanted, exponent)
        self._call("EN_getdemandmodel", *(ctypes.byref(number) for number in numbers))
        return kind.value, least.value, wanted.value, exponent.value

    def node_types(self) -> NDArray[np.int32]:
        """Return 0 for each junction, 1 for a reservoir, 2 for a tank."""
        return np.asarray(
            [self._number("EN_getnodetype", i + 1) for i in range(len(self.node_ids))],
            dtype=np.int32,
        )

    def link_types(self) -> NDArray[np.int32]:
        """Return EPANET's number of the kind of each link; 0 and 1 are pipes, 2 is a pump."""
        return np.asarray(
            [self._number("EN_getlinktype", i + 1) for i in range(len(self.link_ids))],
            dtype=np.int32,
        )

    def pump_type(self, link: int) -> int:
        """Return 0 for a pump of constant power, 1 for a power law, 2 for any curve, 3 for none."""
        return self._number("EN_getpumptype", int(link) + 1)

    def curve(self, index: int) -> list[tuple[float, float]]:
        """Return the points of a curve by EPANET's number, in the file's units."""
        points = []
        for place in range(self._number("EN_getcurvelen", index)):
            x, y = ctypes.c_double(), ctypes.c_double()
            self._call("EN_getcurvevalue", index, place + 1, ctypes.byref(x), ctypes.byref(y))
            points.append((x.value, y.value))
        return points

    def node(self, name: str) -> int:
        """Return the place of a node in `node_ids`, refusing unknown names."""
        try:
            return self._node_index[name]
        except KeyError:
            raise UnknownObject(f"no node {name}") from None

    def link(self, name: str) -> int:
        """Return the place of a link in `link_ids`, refusing unknown names."""
        try:
            return self._link_index[name]
        except KeyError:
            raise UnknownObject(f"no link {name}") from None

    def coordinates(self) -> Values:
        """Return x and y of every node as the file gives them, (0, 0) without; (n_nodes, 2)."""
        places = np.zeros((len(self.node_ids), 2))
        for index, place in enumerate(places):
            x, y = ctypes.c_double(), ctypes.c_double()
            code = _library().EN_getcoord(self._handle, index + 1, ctypes.byref(x), ctypes.byref(y))
            if code == 0:  # 254: the file gives the node no place
                place[:] = x.value, y.value
        return places

    def lengths_m(self) -> Values:
        """Return the length of every link; zero for pumps and valves. [m]"""
        return self._links(_Link.LENGTH) * self._length_m

    def tank_diameter_m(self, name: str) -> float:
        """Return the diameter of a cylindrical tank. [m]"""
        index = self.node(name) + 1
        return self._length_m * self._value("EN_getnodevalue", index, int(_Node.TANKDIAM))

    def pattern_values(self, name: str) -> Values:
        """Return the multipliers of a pattern, shape (n_periods,). [-]"""
        index = self._pattern(name)
        length = self._number("EN_getpatternlen", index)
        return np.asarray(
            [self._value("EN_getpatternvalue", index, period + 1) for period in range(length)]
        )

    def pattern_step_s(self) -> int:
        """Return how long each multiplier of a pattern holds. [s]"""
        step = ctypes.c_long()
        self._call("EN_gettimeparam", int(_Time.PATTERNSTEP), ctypes.byref(step))
        return step.value

    def demand_multiplier(self) -> float:
        """Return by how much the file multiplies all demands when it is solved. [-]"""
        return self._value("EN_getoption", int(_Option.DEMANDMULT))

    def _pattern(self, name: str) -> int:
        try:
            return self.patterns[name] + 1
        except KeyError:
            raise UnknownObject(f"no pattern {name}") from None

    def base_demands_m3s(self) -> dict[str, list[tuple[float, str]]]:
        """Return each node's demands: (base demand [m³ s⁻¹], pattern or "" for constant)."""
        names = {index: name for name, index in self.patterns.items()}
        default = round(self.raw_option("DEMANDPATTERN"))
        demands: dict[str, list[tuple[float, str]]] = {}
        for place, node in enumerate(self.node_ids):
            count = self._number("EN_getnumdemands", place + 1)
            for number in range(1, count + 1):
                base = self._value("EN_getbasedemand", place + 1, number)
                pattern = self._number("EN_getdemandpattern", place + 1, number)
                demands.setdefault(node, []).append(
                    (base * self._flow_m3s, names.get((pattern or default) - 1, ""))
                )
        return demands

    # -- changing it

    def set_times(self, *, duration_s: int, step_s: int) -> None:
        """Set how long a run lasts and its hydraulic, pattern and report step. [s]"""
        for what, value in (
            (_Time.DURATION, duration_s),
            (_Time.HYDSTEP, step_s),
            (_Time.PATTERNSTEP, step_s),
            (_Time.REPORTSTEP, step_s),
            (_Time.PATTERNSTART, 0),
        ):
            self._call("EN_settimeparam", int(what), ctypes.c_long(value))

    def set_accuracy(self, accuracy: float, *, trials: int = 200) -> None:
        """Set the convergence bound (sum of flow changes over sum of flows) and its trials."""
        self._call("EN_setoption", int(_Option.TRIALS), ctypes.c_double(trials))
        self._call("EN_setoption", int(_Option.ACCURACY), ctypes.c_double(accuracy))

    def set_demand_multiplier(self, factor: float) -> None:
        """Set by how much all demands are multiplied when the network is solved. [-]"""
        self._call("EN_setoption", int(_Option.DEMANDMULT), ctypes.c_double(factor))

    def add_pattern(self, name: str, values: ArrayLike) -> None:
        """Add a pattern of multipliers, one for each step. [-]"""
        self._call("EN_addpattern", name.encode())
        self.patterns[name] = self._number("EN_getpatternindex", name.encode()) - 1
        self.set_pattern(name, values)

    def set_pattern(self, name: str, values: ArrayLike) -> None:
        """Replace the multipliers of a pattern, of any number. [-]"""
        array = np.ascontiguousarray(values, dtype=float)
        self._call(
            "EN_setpattern",
            self._pattern(name),
            array.ctypes.data_as(ctypes.c_void_p),
            int(array.size),
        )

    def set_demands(self, demands_m3s: Mapping[str, Sequence[tuple[float, str]]]) -> None:
        """Replace the demands of the named nodes by (base demand [m³ s⁻¹], pattern or "")."""
        self._name_default_pattern()
        for node, wanted in demands_m3s.items():
            index = self.node(node) + 1
            for _ in range(self._number("EN_getnumdemands", index)):
                self._call("EN_deletedemand", index, 1)
            for base, pattern in wanted:
                flow = ctypes.c_double(base / self._flow_m3s)
                self._call("EN_adddemand", index, flow, pattern.encode(), b"")

    def _name_default_pattern(self) -> None:
        """Let demands follow the default pattern by its name, so that no name means constant."""
        default = round(self.raw_option("DEMANDPATTERN"))
        if not default:
            return
        for index in range(1, len(self.node_ids) + 1):
            for number in range(1, self._number("EN_getnumdemands", index) + 1):
                if not self._number("EN_getdemandpattern", index, number):
                    self._call("EN_setdemandpattern", index, number, default)
        self._call("EN_setoption", int(_Raw.OPTION_DEMANDPATTERN), ctypes.c_double(0.0))

    def set_emitters(self, coefficients: Mapping[str, float]) -> None:
        """Set leaks at nodes, each as flow at one metre of pressure; it follows √pressure.

        Parameters
        ----------
        coefficients : mapping of str to float
            For each node, not less than zero. [m³ s⁻¹ m⁻⁰·⁵]
        """
        head_unit = self.emitter_unit_m
        for node, coefficient in coefficients.items():
            if not coefficient >= 0:
                msg = f"an emitter must not be below zero; {node} was given {coefficient}"
                raise ValueError(msg)
            value = coefficient / self._flow_m3s * math.sqrt(head_unit)
            self._set_node(node, _Node.EMITTER, value)

    def set_tank_level(self, name: str, level_m: float) -> None:
        """Set the level a tank starts a run with. [m above its floor]"""
        self._set_node(name, _Node.TANKLEVEL, level_m / self._length_m)

    def set_tank_diameter(self, name: str, diameter_m: float) -> None:
        """Set the diameter of a cylindrical tank. [m]"""
        self._set_node(name, _Node.TANKDIAM, diameter_m / self._length_m)

    def set_base_demand(self, place: int, demand_m3s: float) -> None:
        """Set the first base demand of the node at a place of `node_ids`. [m³ s⁻¹]"""
        value = ctypes.c_double(demand_m3s / self._flow_m3s)
        self._call("EN_setbasedemand", place + 1, 1, value)

    def set_link_open(self, name: str, *, is_open: bool) -> None:
        """Set whether a link is open, at the start and now."""
        index = self.link(name) + 1
        value = ctypes.c_double(1.0 if is_open else 0.0)
        self._call("EN_setlinkvalue", index, int(_Link.INITSTATUS), value)
        if self._running:
            self._call("EN_setlinkvalue", index, int(_Link.STATUS), value)

    def set_roughness(self, values: ArrayLike) -> None:
        """Set the roughness of every link, in link order; NaN leaves one as it is."""
        for index, value in enumerate(np.asarray(values, dtype=float)):
            if math.isfinite(value):
                self._call(
                    "EN_setlinkvalue", index + 1, int(_Link.ROUGHNESS), ctypes.c_double(value)
                )

    def set_diameters(self, values_m: ArrayLike) -> None:
        """Set the diameter of every link, in link order; NaN leaves one as it is. [m]"""
        per_m = 1000.0 if self._metric else 12 / units.M_PER_FOOT
        for index, value in enumerate(np.asarray(values_m, dtype=float) * per_m):
            if math.isfinite(value):
                self._call(
                    "EN_setlinkvalue", index + 1, int(_Link.DIAMETER), ctypes.c_double(value)
                )

    def roughness(self) -> Values:
        """Return the roughness of every link, in the file's own head-loss formula."""
        return self._links(_Link.ROUGHNESS)

    def diameters_m(self) -> Values:
        """Return the diameter of every link. [m]"""
        return self._links(_Link.DIAMETER) * (1e-3 if self._metric else units.M_PER_FOOT / 12)

    def remove_controls(self) -> None:
        """Remove all simple controls and rules, so that links stay as they are set."""
        for call, what in (
            ("EN_deletecontrol", _Count.CONTROL),
            ("EN_deleterule", _Count.RULE),
        ):
            for number in range(self._number("EN_getcount", int(what)), 0, -1):
                self._call(call, number)

    def set_state(self, name: str, *, is_open: bool, setting: float) -> None:
        """Set how a link that a control or rule moves starts a run; NaN leaves its setting."""
        index = self.link(name) + 1
        if not self._value("EN_getlinkvalue", index, int(_Raw.LINK_INCONTROL)):
            return
        if is_open and math.isfinite(setting):
            value = ctypes.c_double(setting)
            self._call("EN_setlinkvalue", index, int(_Raw.LINK_INITSETTING), value)
        else:
            value = ctypes.c_double(float(is_open))
            self._call("EN_setlinkvalue", index, int(_Link.INITSTATUS), value)

    def move_timed_controls(self, by_s: int) -> None:
        """Move simple controls at a time since the start; those before the start are removed."""
        for index in range(self._number("EN_getcount", int(_Count.CONTROL)), 0, -1):
            kind, link, node = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
            setting, level = ctypes.c_double(), ctypes.c_double()
            numbers = (kind, link, setting, node, level)
            self._call("EN_getcontrol", index, *(ctypes.byref(number) for number in numbers))
            if kind.value != TIMER:
                continue
            if level.value + by_s <= 0:
                self._call("EN_deletecontrol", index)
            else:
                level = ctypes.c_double(level.value + by_s)
                self._call("EN_setcontrol", index, kind, link, setting, node, level)

    def has_rules_on_time(self) -> bool:
        """Say whether a rule looks at the time since the start of a run."""
        for rule in range(1, self._number("EN_getcount", int(_Count.RULE)) + 1):
            counts = [ctypes.c_int() for _ in range(3)]
            priority = ctypes.c_double()
            references = [ctypes.byref(one) for one in counts]
            self._call("EN_getrule", rule, *references, ctypes.byref(priority))
            for premise in range(1, counts[0].value + 1):
                words = [ctypes.c_int() for _ in range(6)]
                value = ctypes.c_double()
                references = [ctypes.byref(one) for one in words]
                self._call("EN_getpremise", rule, premise, *references, ctypes.byref(value))
                if words[1].value == RULE_ON_SYSTEM and words[3].value == RULE_ON_TIME:
                    return True
        return False

    def _set_node(self, name: str, what: _Node, value: float) -> None:
        index = self.node(name) + 1
        self._call("EN_setnodevalue", index, int(what), ctypes.c_double(value))

    # -- running it

    def start(self) -> None:
        """Begin a run at time zero. A run under way is ended."""
        if self._running:
            self._call("EN_closeH")
        self._call("EN_openH")
        self._call("EN_initH", 0)
        self._running = True

    def solve(self) -> float:
        """Solve the present moment of a run and return it. [s since its start]"""
        now = ctypes.c_long()
        self._call("EN_runH", ctypes.byref(now))
        return float(now.value)

    def solve_again(self) -> None:
        """Solve time zero once more from the flows just found, after something was changed."""
        self._call("EN_initH", 0)
        self._call("EN_runH", ctypes.byref(ctypes.c_long()))

    def advance(self) -> float:
        """Move a run to its next event and return how far that is; 0 at its end. [s]"""
        step = ctypes.c_long()
        self._call("EN_nextH", ctypes.byref(step))
        return float(step.value)

    def moments(self) -> Iterator[float]:
        """Start a run and give each moment as soon as it is solved. [s since its start]

        Between the steps lie events: a tank that reaches a control's level. Read the results
        before asking for the next moment; leaks may be changed in between.
        """
        self.start()
        while True:
            yield self.solve()
            if self.advance() <= 0:
                return

    def heads_m(self) -> Values:
        """Return the head of every node, shape (n_nodes,). [m]"""
        return self._nodes(_Node.HEAD) * self._length_m

    def pressures_m(self) -> Values:
        """Return the pressure of every node, of a tank its level; shape (n_nodes,). [m]"""
        return self.heads_m() - self.elevations_m

    def demands_m3s(self) -> Values:
        """Return the outflow of every node, leaks included; shape (n_nodes,). [m³ s⁻¹]"""
        return self._nodes(_Node.DEMAND) * self._flow_m3s

    def flows_m3s(self) -> Values:
        """Return the flow of every link, positive from start to end; (n_links,). [m³ s⁻¹]"""
        return self._links(_Link.FLOW) * self._flow_m3s

    def velocities_ms(self) -> Values:
        """Return the speed in every link, without sign; shape (n_links,). [m s⁻¹]"""
        return self._links(_Link.VELOCITY) * self._length_m

    def is_open(self, name: str) -> bool:
        """Say whether a link is open at the present moment of a run."""
        return self._value("EN_getlinkvalue", self.link(name) + 1, int(_Link.STATUS)) > 0


def leak_outflow_m3s(*, coefficient: ArrayLike, pressure_m: ArrayLike) -> Values:
    """Return what leaks lose at a pressure; nothing below zero pressure.

    Parameters
    ----------
    coefficient : array_like
        Flow at one metre of pressure. [m³ s⁻¹ m⁻⁰·⁵]
    pressure_m : array_like
        Pressure. NaN stays NaN. [m]

    Returns
    -------
    ndarray
        Outflow. [m³ s⁻¹]
    """
    pressure = np.asarray(pressure_m, dtype=float)
    outflow: Values = np.asarray(coefficient, dtype=float) * np.sqrt(np.maximum(pressure, 0.0))
    return outflow
