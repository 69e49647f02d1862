"""What a set of changes would make of the network: its steps done in memory, with every problem.

A `Draft` starts from the register and takes one step after the other. Nothing is written here; the
difference between `Draft.before` and `Draft.now` is what approving the set will write.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from huoshui.areas.network import attributes, contracts, geo, history
from huoshui.areas.network.contracts import ChangeDeed, Kind
from huoshui.areas.network.models import CODE_LENGTH, Asset

State = dict[str, Any]
"""An asset by column, its ends by code as ``start`` and ``end``."""

TYPED_WITHIN_FRAC = 0.01
"""A stated length this near to the drawn one follows the drawing; any other was typed and stays."""


@dataclass(frozen=True)
class Problem:
    """Why a step cannot be done; ``code`` is explained in `choices.CHANGE_PROBLEMS`."""

    position: int
    code: str
    asset: str
    value: str = ""


class _CannotBeDone(Exception):
    def __init__(self, code: str, asset: str, value: str = "") -> None:
        super().__init__(code)
        self.code, self.asset, self.value = code, asset, value


@dataclass
class Draft:
    """The network as the steps so far leave it; only what they touch is loaded."""

    before: dict[str, State] = field(default_factory=dict)
    now: dict[str, State] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)
    """What can be done but looks forgotten (`drawn_warnings`)."""

    def run(self, steps: Iterable[tuple[int, str, str, Mapping[str, Any]]]) -> None:
        """Do the steps, given as (position, deed, code of the asset, what is wanted)."""
        deeds = {
            ChangeDeed.CREATE: self._create,
            ChangeDeed.MODIFY: self._modify,
            ChangeDeed.MOVE: self._move,
            ChangeDeed.SPLIT: self._split,
            ChangeDeed.JOIN: self._join,
            ChangeDeed.RETIRE: self._retire,
            ChangeDeed.RESTORE: self._restore,
        }
        restored: dict[str, int] = {}
        for position, deed, code, wanted in steps:
            try:
                deeds[ChangeDeed(deed)](code, wanted)
            except _CannotBeDone as problem:
                self.problems.append(Problem(position, problem.code, problem.asset, problem.value))
            except (KeyError, TypeError, ValueError) as missing:
                self.problems.append(Problem(position, "incomplete", code, str(missing)[:80]))
            else:
                restored |= {code: position} if deed == ChangeDeed.RESTORE else {}
        for code, position in restored.items():
            self._joined(code, position)

    @property
    def created(self) -> list[str]:
        """The codes of new assets, nodes before links."""
        fresh = [code for code in self.now if code not in self.before]
        return sorted(fresh, key=lambda code: self.now[code]["kind"] in contracts.LINK_KINDS)

    @property
    def changed(self) -> list[str]:
        """The codes of known assets that are not as they were."""
        return [code for code, old in self.before.items() if self.now[code] != old]

    # Reading.

    def state(self, code: str) -> State:
        """Return an asset that is there, ready to be changed; cannot be done for others."""
        if code not in self.now:
            self._load(Asset.objects.filter(code=code))
        found = self.now.get(code)
        if found is None:
            raise _CannotBeDone("unknown", code)
        if found["retired_at"] is not None:
            raise _CannotBeDone("is_retired", code)
        return found

    def _load(self, rows: Any) -> None:
        for row in rows.select_related("start", "end"):
            if row.code in self.now:
                continue
            values = history.values_of(row)
            del values["start_id"], values["end_id"]
            values["start"] = row.start.code if row.start else None
            values["end"] = row.end.code if row.end else None
            self.before[row.code] = values
            self.now[row.code] = {**values, "details": dict(values["details"] or {})}

    def links_at(self, node: str) -> list[str]:
        """Return the links that end at a node, as the steps so far left them."""
        self._load(Asset.objects.present().filter(start__code=node))
        self._load(Asset.objects.present().filter(end__code=node))
        return [
            code
            for code, one in self.now.items()
            if node in (one["start"], one["end"]) and one["retired_at"] is None
        ]

    def free_code(self, like: str) -> str:
        """Return a code that nobody has, made from another one."""
        number = 1
        while True:
            code = f"{like}-{number}"[:CODE_LENGTH]
            if code not in self.now and not Asset.objects.filter(code=code).exists():
                return code
            number += 1

    # The deeds.

    def _create(self, code: str, wanted: Mapping[str, Any]) -> None:
        kind = str(Kind(wanted["kind"]))
        if code in self.now or Asset.objects.filter(code=code).exists():
            raise _CannotBeDone("code_taken", code)
        one = _blank(kind)
        if kind in contracts.LINK_KINDS:
            start, end = self.state(wanted["start"]), self.state(wanted["end"])
            if wanted["start"] == wanted["end"]:
                raise _CannotBeDone("same_ends", code)
            one["start"], one["end"] = wanted["start"], wanted["end"]
            bends = [_place(place) for place in (wanted.get("line") or [])[1:-1]]
            _draw(one, [_place_of(start, code), *bends, _place_of(end, code)])
            if kind == Kind.PIPE:
                one["length_m"] = round(geo.length_m(one["line"]), 2)
        else:
            one["lon"], one["lat"] = _place((wanted["lon"], wanted["lat"]))
        self.now[code] = one
        try:
            self._set(code, wanted.get("attributes") or {})
        except _CannotBeDone:
            del self.now[code]
            raise

    def _modify(self, code: str, wanted: Mapping[str, Any]) -> None:
        self.state(code)
        self._set(code, wanted["attributes"])

    def _set(self, code: str, values: Mapping[str, Any]) -> None:
        one = self.now[code]
        holder = _Holder(one)
        for name, value in values.items():
            attribute = attributes.BY_CODE.get(name)
            if attribute is None or one["kind"] not in attribute.kinds:
                raise _CannotBeDone("no_such_attribute", code, name)
            if attributes.impossible(attribute, value) is not None:
                raise _CannotBeDone("impossible", code, f"{name} {value}")
        for name, value in values.items():
            attributes.put(holder, attributes.BY_CODE[name], value)

    def _move(self, code: str, wanted: Mapping[str, Any]) -> None:
        one = self.state(code)
        if one["kind"] in contracts.LINK_KINDS:
            start, end = self.state(one["start"]), self.state(one["end"])
            bends = [_place(place) for place in wanted["line"][1:-1]]
            self._redraw(one, [_place_of(start, code), *bends, _place_of(end, code)])
            return
        one["lon"], one["lat"] = _place((wanted["lon"], wanted["lat"]))
        for link in self.links_at(code):
            moved = self.now[link]
            line = [list(place) for place in moved["line"] or []]
            if len(line) < 2:
                continue
            if moved["start"] == code:
                line[0] = [one["lon"], one["lat"]]
            if moved["end"] == code:
                line[-1] = [one["lon"], one["lat"]]
            self._redraw(moved, line)

    def _redraw(self, one: State, line: list[list[float]]) -> None:
        drawn_m = geo.length_m(one["line"]) if one["line"] else None
        stated_m = one["length_m"]
        follows = stated_m is None or (
            drawn_m is not None and abs(stated_m - drawn_m) <= TYPED_WITHIN_FRAC * max(drawn_m, 1.0)
        )
        _draw(one, line)
        if one["kind"] == Kind.PIPE and follows:
            one["length_m"] = round(geo.length_m(line), 2)

    def _split(self, code: str, wanted: Mapping[str, Any]) -> None:
        one = self.state(code)
        if one["kind"] != Kind.PIPE or not one["line"]:
            raise _CannotBeDone("not_a_drawn_pipe", code)
        first, second, frac = geo.cut(one["line"], _place((wanted["lon"], wanted["lat"])))
        if not 0 < frac < 1:
            raise _CannotBeDone("at_its_end", code)
        node_code = wanted.get("node_code") or self.free_code(f"{code}-N")
        new_code = wanted.get("new_code") or self.free_code(code)
        for taken in (node_code, new_code):
            if taken in self.now or Asset.objects.filter(code=taken).exists():
                raise _CannotBeDone("code_taken", taken)
        node = _blank(Kind.JUNCTION)
        node["lon"], node["lat"] = first[-1]
        node["zone_id"] = one["zone_id"]
        heights = [self.state(one[end])["elevation_m"] for end in ("start", "end")]
        if None not in heights:
            node["elevation_m"] = round(heights[0] + frac * (heights[1] - heights[0]), 2)
        rest = {**one, "details": dict(one["details"]), "start": node_code, "model_id": ""}
        rest["valid_from"] = None
        whole_m = one["length_m"]
        _draw(rest, second)
        _draw(one, first)
        one["end"] = node_code
        if whole_m is not None:
            one["length_m"] = round(whole_m * frac, 2)
            rest["length_m"] = round(whole_m - one["length_m"], 2)
        self.now[node_code], self.now[new_code] = node, rest

    def _join(self, code: str, wanted: Mapping[str, Any]) -> None:
        node = self.state(code)
        links = self.links_at(code)
        pipes = [link for link in links if self.now[link]["kind"] == Kind.PIPE]
        if node["kind"] != Kind.JUNCTION or len(links) != 2 or len(pipes) != 2:
            raise _CannotBeDone("not_between_two_pipes", code)
        kept = wanted.get("keep") or min(pipes)
        if kept not in pipes:
            raise _CannotBeDone("not_between_two_pipes", code)
        gone = next(pipe for pipe in pipes if pipe != kept)
        one, two = self.now[kept], self.now[gone]
        other = two["end"] if two["start"] == code else two["start"]
        far = other == (one["end"] if one["start"] == code else one["start"])
        if far:
            raise _CannotBeDone("same_ends", kept)
        tail = two["line"] if two["start"] == code else (two["line"] or [])[::-1]
        if one["end"] == code:
            line, one["end"] = [*(one["line"] or []), *(tail or [])[1:]], other
        else:
            line, one["start"] = [*(tail or [])[:0:-1], *(one["line"] or [])], other
        lengths = (one["length_m"], two["length_m"])
        if len(line) > 1:
            _draw(one, line)
        one["length_m"] = None if None in lengths else round(sum(lengths), 2)
        two["retired_at"] = node["retired_at"] = AT_APPROVAL

    def _retire(self, code: str, wanted: Mapping[str, Any]) -> None:
        one = self.state(code)
        if one["kind"] in contracts.NODE_KINDS and (links := self.links_at(code)):
            raise _CannotBeDone("still_joined", code, ", ".join(sorted(links)[:5]))
        one["retired_at"] = AT_APPROVAL

    def _restore(self, code: str, wanted: Mapping[str, Any]) -> None:
        if code not in self.now:
            self._load(Asset.objects.filter(code=code))
        one = self.now.get(code)
        if one is None:
            raise _CannotBeDone("unknown", code)
        for name, value in wanted["expected"].items():
            if one[name] != value:
                raise _CannotBeDone("changed_since", code, name)
        one.update(wanted["values"])

    def _joined(self, code: str, position: int) -> None:
        """Note where an asset that came back hangs on what is gone, or went from what is there.

        Asked when all steps are done: one of them may bring back the other.
        """
        one = self.now[code]
        try:
            if one["retired_at"] is None:
                for end in ("start", "end"):
                    if one[end]:
                        self.state(one[end])
            elif one["kind"] in contracts.NODE_KINDS and (links := self.links_at(code)):
                raise _CannotBeDone("still_joined", code, ", ".join(sorted(links)[:5]))
        except _CannotBeDone as problem:
            self.problems.append(Problem(position, problem.code, problem.asset, problem.value))


AT_APPROVAL = "at approval"
"""Stands for the moment from which the set holds, which nobody knows before it is approved."""


class _Holder:
    """Lets `attributes.put` write into a state as it writes into a row."""

    def __init__(self, state: State) -> None:
        object.__setattr__(self, "state", state)

    def __getattr__(self, name: str) -> Any:
        return self.state[name]

    def __setattr__(self, name: str, value: Any) -> None:
        self.state[name] = value


def _blank(kind: str) -> State:
    """Return a new asset of which nothing is known."""
    values = history.values_of(Asset(kind=str(kind)))
    del values["start_id"], values["end_id"]
    return {**values, "start": None, "end": None}


def _place(given: Any) -> list[float]:
    lon, lat = float(given[0]), float(given[1])
    if not (-180 <= lon <= 180 and abs(lat) <= geo.LATITUDE_MAX):
        raise ValueError(given)
    return [round(lon, 7), round(lat, 7)]


def _place_of(node: State, code: str) -> list[float]:
    if node["lon"] is None:
        raise _CannotBeDone("no_place", code)
    return [node["lon"], node["lat"]]


def _draw(one: State, line: list[list[float]]) -> None:
    """Give a link its course and the place half-way along it."""
    one["line"] = line
    one["lon"], one["lat"] = geo.halfway_of(line)
