"""Drawings of mimic pages: what of an SVG file may be shown, and what its parts are bound to.

A drawing comes from anybody's drawing program and is shown inside our pages, so nothing of it is
believed: only the elements and attributes listed here go through, references stay inside the
drawing, and declared entities (the way to make a small file huge) are refused. Style written as
``style="fill:red"`` becomes attributes, because our pages allow no inline style.

A part is bound to a point by ``data-point="n1.pressure"``, or in a template, which is drawn once
for all assets of a kind, by ``data-kind="pressure"``: the asset's point of that kind.
``data-show`` says how the value is shown, see ``SHOWS``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
BYTES_MAX = 2_000_000
ELEMENTS_MAX = 20_000
DEPTH_MAX = 60


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ELEMENTS = _names(
    "svg g path rect circle ellipse line polyline polygon text tspan defs linearGradient "
    "radialGradient stop clipPath marker symbol use title desc pattern"
)
STYLE = _names(
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap "
    "stroke-linejoin stroke-dasharray stroke-dashoffset stroke-miterlimit opacity color display "
    "visibility font-family font-size font-weight font-style text-anchor dominant-baseline "
    "letter-spacing stop-color stop-opacity clip-path clip-rule marker-start marker-mid "
    "marker-end paint-order vector-effect"
)
PLACE = _names(
    "id transform viewBox preserveAspectRatio x y x1 y1 x2 y2 cx cy r rx ry fx fy dx dy d points "
    "width height offset gradientUnits gradientTransform spreadMethod clipPathUnits markerWidth "
    "markerHeight markerUnits refX refY orient patternUnits patternTransform "
    "patternContentUnits rotate textLength lengthAdjust role"
)
BINDING = _names(
    "data-point data-kind data-show data-min data-max data-above data-steps data-decimals "
    "data-asset data-direction"
)

SHOWS = ("value", "level", "turn", "flow", "colour", "appear", "alarm")
"""value: the text is the value with its unit; level: filled from data-min to data-max; turn:
turns while above data-above; flow: dashes move with the value's sign; colour: the colour of
data-steps that the value has reached; appear: seen while above data-above; alarm: an outline
while an alarm of the point stands."""

# A reference may only lead to a part of the same drawing.
_REFERENCE = re.compile(r"url\(\s*(['\"]?)(?!#)", re.IGNORECASE)
_OWN_REFERENCE = re.compile(r"url\(\s*['\"]?#([^)'\"]+)['\"]?\s*\)")
_STEPS = re.compile(r"-?\d+(\.\d+)?:#[0-9a-fA-F]{3,8}(;-?\d+(\.\d+)?:#[0-9a-fA-F]{3,8})*")


class NotADrawing(ValueError):
    """A file that cannot be shown; ``code`` says why: not_svg, too_large, entities, broken."""

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(code)
        self.code = code
        self.line = line


@dataclass(frozen=True)
class Binding:
    """One bound part: its id, the point or the kind it follows, and how."""

    part: str
    point: str
    kind: str
    show: str


@dataclass
class Drawing:
    """What may be shown, and what was left out: ``dropped`` counts by the name of the thing."""

    svg: str
    bindings: list[Binding] = field(default_factory=list)
    parts: list[tuple[str, str]] = field(default_factory=list)
    dropped: dict[str, int] = field(default_factory=dict)
    faults: list[tuple[str, str]] = field(default_factory=list)


def read(raw: bytes) -> Drawing:
    """Return what may be shown of an SVG file. Raises `NotADrawing` where nothing can be."""
    if len(raw) > BYTES_MAX:
        raise NotADrawing("too_large")
    sieve = _Sieve()
    root = sieve.read(raw)
    if root is None:
        raise NotADrawing("not_svg")
    if "viewBox" not in root.attrib:
        width, height = (_pixels(root.get(name, "")) for name in ("width", "height"))
        root.set("viewBox", f"0 0 {width or 800:g} {height or 600:g}")
    for name in ("width", "height"):
        root.attrib.pop(name, None)
    _refuse_endless(root)
    drawing = Drawing(svg="", dropped=sieve.dropped)
    _name_bound_parts(root)
    for one in root.iter():
        _note(one, drawing)
    drawing.svg = _written(root)
    return drawing


@functools.lru_cache(maxsize=256)
def bindings_of(svg: str) -> tuple[Binding, ...]:
    """Return what the parts of a kept drawing are bound to; remembered, as they seldom change."""
    found = (_binding_of(one) for one in _parsed(svg).iter())
    return tuple(one for one in found if one is not None)


def bind(svg: str, bindings: Mapping[str, Mapping[str, str]]) -> str:
    """Return a drawing with other bindings of the named parts; an empty mapping frees a part.

    ``bindings`` maps the id of a part to its ``data-...`` attributes without that beginning.
    """
    root = _parsed(svg)
    for one in root.iter():
        wanted = bindings.get(one.get("id", ""))
        if wanted is None:
            continue
        for name in BINDING:
            one.attrib.pop(name, None)
        for name, value in wanted.items():
            if value and f"data-{name}" in BINDING:
                one.set(f"data-{name}", value)
    return _written(root)


def shown(svg: str, prefix: str, point_of: Callable[[Binding], str | None]) -> str:
    """Return a drawing for a page: its ids made the page's own, its kinds turned into points.

    ``point_of`` returns the point that a part follows, or None where there is no such point: the
    part is then drawn as not known.
    """
    root = _parsed(svg)
    for one in root.iter():
        binding = _binding_of(one)
        if binding is not None:
            code = point_of(binding)
            if code:
                one.set("data-point", code)
            else:
                one.attrib.pop("data-point", None)
                one.set("data-missing", "true")
        for name, value in list(one.attrib.items()):
            if name == "id":
                one.set(name, prefix + value)
            elif name == "href":
                one.set(name, f"#{prefix}{value.removeprefix('#')}")
            elif "url(" in value:
                one.set(name, _OWN_REFERENCE.sub(rf"url(#{prefix}\1)", value))
    return _written(root)


class _Sieve:
    """Builds the tree of what may be shown while the file is read."""

    def __init__(self) -> None:
        self.dropped: dict[str, int] = {}
        self._builder = ElementTree.TreeBuilder()
        self._skipping = 0
        self._depth = 0
        self._elements = 0
        self._is_svg = False

    def read(self, raw: bytes) -> ElementTree.Element | None:
        """Return the root, or None where it is not a drawing."""
        parser = expat.ParserCreate(namespace_separator="}")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.EntityDeclHandler = self._entity
        try:
            parser.Parse(raw, True)
        except expat.ExpatError as fault:
            raise NotADrawing("broken", fault.lineno) from fault
        except (LookupError, ValueError) as fault:
            if isinstance(fault, NotADrawing):
                raise
            raise NotADrawing("broken") from fault
        return self._builder.close() if self._is_svg else None

    def _entity(self, *_declaration: Any) -> None:
        raise NotADrawing("entities")

    def _drop(self, name: str) -> None:
        self.dropped[name] = self.dropped.get(name, 0) + 1

    def _start(self, full: str, attributes: dict[str, str]) -> None:
        space, _, name = full.rpartition("}")
        self._depth += 1
        self._elements += 1
        if self._depth > DEPTH_MAX or self._elements > ELEMENTS_MAX:
            raise NotADrawing("too_large")
        if self._depth == 1:
            self._is_svg = name == "svg" and space in ("", SVG)
            if not self._is_svg:
                raise NotADrawing("not_svg")
        if self._skipping or space not in ("", SVG) or name not in ELEMENTS:
            if not self._skipping and space in ("", SVG) and name != "metadata":
                self._drop(f"<{name}>")
            self._skipping += 1
            return
        self._builder.start(name, self._attributes(attributes))

    def _attributes(self, given: dict[str, str]) -> dict[str, str]:
        kept: dict[str, str] = {}
        for full, value in given.items():
            space, _, name = full.rpartition("}")
            if name == "href" and space in ("", XLINK):
                if value.startswith("#"):
                    kept["href"] = value
                else:
                    self._drop("href")
            elif space == "" and name in (STYLE | PLACE | BINDING):
                self._keep(kept, name, value)
            elif space == "" and name.startswith("on"):
                self._drop(name)
        # Written in ``style`` it wins over the attribute of the same name, as in any browser.
        for declaration in given.get("style", "").split(";"):
            name, _, value = declaration.partition(":")
            if name.strip() in STYLE:
                self._keep(kept, name.strip(), value.replace("!important", "").strip())
        return kept

    def _keep(self, kept: dict[str, str], name: str, value: str) -> None:
        # A browser reads "u\72l(" as "url(" too; no drawing program writes a backslash.
        if "\\" in value or _REFERENCE.search(value):
            self._drop("url()")
        else:
            kept[name] = value

    def _end(self, full: str) -> None:
        self._depth -= 1
        if self._skipping:
            self._skipping -= 1
        else:
            self._builder.end(full.rpartition("}")[2])

    def _text(self, text: str) -> None:
        if not self._skipping and self._depth:
            self._builder.data(text)


def _refuse_endless(root: ElementTree.Element) -> None:
    """Refuse a drawing that repeats its own parts until a browser drowns in them.

    Ten parts that each use the one before ten times are a hundred lines in the file and ten
    thousand million on the page.
    """
    by_id = {one.get("id"): one for one in root.iter() if one.get("id")}
    sizes: dict[ElementTree.Element, int] = {}

    def size(one: ElementTree.Element, depth: int) -> int:
        if depth > 2 * DEPTH_MAX:
            raise NotADrawing("too_large")
        if one not in sizes:
            parts = list(one)
            target = by_id.get(one.get("href", "").removeprefix("#")) if one.tag == "use" else None
            if target is not None:
                parts.append(target)
            sizes[one] = 1 + sum(size(part, depth + 1) for part in parts)
        return sizes[one]

    if size(root, 0) > ELEMENTS_MAX:
        raise NotADrawing("too_large")


def _name_bound_parts(root: ElementTree.Element) -> None:
    """Give ids to bound parts and texts without one, so that people can point at them."""
    taken = {one.get("id") for one in root.iter()}
    number = 0
    for one in root.iter():
        if one.get("id") or not (_binding_of(one) or one.tag == "text"):
            continue
        while f"part{number}" in taken:
            number += 1
        one.set("id", f"part{number}")
        taken.add(f"part{number}")


def _note(one: ElementTree.Element, drawing: Drawing) -> None:
    part = one.get("id", "")
    if part and one.tag not in ("svg", "defs", "stop", "linearGradient", "radialGradient"):
        words = " ".join("".join(one.itertext()).split())[:40] if one.tag == "text" else ""
        drawing.parts.append((part, words))
    binding = _binding_of(one)
    if binding is None:
        return
    drawing.bindings.append(binding)
    if binding.show not in SHOWS:
        drawing.faults.append((part, "show"))
    for name in ("data-min", "data-max", "data-above", "data-decimals"):
        if one.get(name) is not None and _number(one.get(name, "")) is None:
            drawing.faults.append((part, name))
    if binding.show == "colour" and not _STEPS.fullmatch(one.get("data-steps", "")):
        drawing.faults.append((part, "data-steps"))
    if binding.show == "level" and None in (
        _number(one.get("data-min", "0")),
        _number(one.get("data-max", "")),
    ):
        drawing.faults.append((part, "data-max"))


def _binding_of(one: ElementTree.Element) -> Binding | None:
    point, kind = one.get("data-point", ""), one.get("data-kind", "")
    if not point and not kind:
        return None
    return Binding(one.get("id", ""), point, kind, one.get("data-show", "value"))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _pixels(text: str) -> float | None:
    found = re.match(r"\s*(\d+(\.\d+)?)", text)
    return float(found[1]) if found else None


def _parsed(svg: str) -> ElementTree.Element:
    root = _Sieve().read(svg.encode())
    if root is None:
        raise NotADrawing("not_svg")
    return root


def _written(root: ElementTree.Element) -> str:
    # Inside a page no namespace is needed, but a drawing that is saved to a file must have it.
    root.set("xmlns", SVG)
    return ElementTree.tostring(root, encoding="unicode")
