"""Drawings of mimic pages: only what is known to be harmless goes through."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huoshui.areas.telemetry.mimics import drawing

PUMP = """<?xml version="1.0"?>
<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"
     xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape" width="200mm" height="100mm">
  <defs>
    <linearGradient id="steel"><stop offset="0" style="stop-color:#888"/></linearGradient>
  </defs>
  <g inkscape:label="pump" onclick="alert(1)">
    <circle id="wheel" cx="50" cy="50" r="20" fill="red" style="fill:url(#steel);cursor:help"
            data-kind="flow" data-show="turn" data-above="0.1"/>
    <text data-kind="flow" x="1" y="2">Flow <tspan>now</tspan></text>
    <use xlink:href="#wheel"/>
  </g>
</svg>"""


def endless(depth: int) -> bytes:
    """Return a small file whose page would hold ten to the power of ``depth`` parts."""
    parts = ["<g id='p0'><path d='M0 0'/></g>"]
    parts += [f"<g id='p{n}'>" + f"<use href='#p{n - 1}'/>" * 10 + "</g>" for n in range(1, depth)]
    return f"<svg>{''.join(parts)}</svg>".encode()


class TestRead:
    def test_keeps_what_is_drawn_and_what_it_is_bound_to(self):
        found = drawing.read(PUMP.encode())

        assert found.bindings == [
            drawing.Binding("wheel", "", "flow", "turn"),
            drawing.Binding("part0", "", "flow", "value"),
        ]
        assert ("part0", "Flow now") in found.parts
        assert 'viewBox="0 0 200 100"' in found.svg
        assert not found.faults

    def test_turns_style_into_attributes_that_win(self):
        found = drawing.read(PUMP.encode())

        assert 'fill="url(#steel)"' in found.svg
        assert "style=" not in found.svg
        assert "cursor" not in found.svg

    @pytest.mark.parametrize(
        ("inner", "what"),
        [
            ("<script>alert(1)</script>", "<script>"),
            ("<foreignObject><iframe/></foreignObject>", "<foreignObject>"),
            ('<image href="http://x/y.png"/>', "<image>"),
            ('<g onload="alert(1)"/>', "onload"),
            ('<use href="http://x/y.svg#a"/>', "href"),
            ('<rect fill="url(http://x/y#a)"/>', "url()"),
            ('<rect fill="u\\72l(http://x/y#a)"/>', "url()"),
            ("<style>*{fill:red}</style>", "<style>"),
            ('<animate attributeName="href"/>', "<animate>"),
            ('<a href="javascript:alert(1)"><path d="M0 0"/></a>', "<a>"),
        ],
    )
    def test_drops_what_could_do_harm_and_says_so(self, inner: str, what: str):
        found = drawing.read(f'<svg xmlns="{drawing.SVG}">{inner}</svg>'.encode())

        assert found.dropped == {what: 1}
        assert "alert" not in found.svg
        assert "http://x" not in found.svg

    @pytest.mark.parametrize(
        ("raw", "code"),
        [
            (b"", "broken"),
            (b"<svg", "broken"),
            (b"\x00\xff rubbish", "broken"),
            (b"<html/>", "not_svg"),
            (b'<svg xmlns="http://elsewhere"/>', "not_svg"),
            (b'<!DOCTYPE svg [<!ENTITY a "aaaa">]><svg>&a;</svg>', "entities"),
            (b"<svg>" + b"<g>" * 80 + b"</g>" * 80 + b"</svg>", "too_large"),
            (b"<svg>" + b"<g/>" * 21_000 + b"</svg>", "too_large"),
            (b" " * (drawing.BYTES_MAX + 1), "too_large"),
            (endless(9), "too_large"),
            (
                b'<svg><g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g></svg>',
                "too_large",
            ),
        ],
    )
    def test_refuses_what_is_no_drawing(self, raw: bytes, code: str):
        with pytest.raises(drawing.NotADrawing) as refused:
            drawing.read(raw)

        assert refused.value.code == code

    def test_names_bindings_that_cannot_work(self):
        raw = (
            '<svg><rect id="a" data-point="T1.level" data-show="level"/>'
            '<rect id="b" data-point="x" data-show="jump"/>'
            '<rect id="c" data-point="x" data-show="colour" data-steps="0:red"/>'
            '<text id="d" data-point="x" data-decimals="two">?</text></svg>'
        )

        assert drawing.read(raw.encode()).faults == [
            ("a", "data-max"), ("b", "show"), ("c", "data-steps"), ("d", "data-decimals"),
        ]  # fmt: skip

    @given(st.lists(st.integers(0, len(PUMP) - 1), max_size=12), st.integers(0, 2**32))
    def test_survives_damaged_files(self, places: list[int], seed: int):
        raw = bytearray(PUMP.encode())
        rnd = random.Random(seed)
        for place in places:
            raw[place] = rnd.randrange(256)
        try:
            found = drawing.read(bytes(raw))
        except drawing.NotADrawing:
            return
        assert "onclick" not in found.svg

    def test_lets_a_part_be_used_again_as_drawings_do(self):
        found = drawing.read(endless(3))

        assert found.svg.count("<use") == 20

    def test_reads_its_own_writing_without_change(self):
        once = drawing.read(PUMP.encode())
        again = drawing.read(once.svg.encode())

        assert again.svg == once.svg
        assert not again.dropped


class TestBind:
    def test_binds_and_frees_parts_by_their_id(self):
        svg = drawing.read(PUMP.encode()).svg
        bound = drawing.bind(svg, {"part0": {"point": "P1.flow", "show": "value"}, "wheel": {}})

        assert drawing.read(bound.encode()).bindings == [
            drawing.Binding("part0", "P1.flow", "", "value")
        ]


class TestShown:
    def test_makes_ids_the_pages_own_and_kinds_points(self):
        svg = drawing.read(PUMP.encode()).svg
        page = drawing.shown(svg, "m1-", lambda one: "P7.flow" if one.show == "turn" else None)

        assert 'id="m1-wheel"' in page
        assert 'href="#m1-wheel"' in page
        assert "url(#m1-steel)" in page
        assert page.count('data-point="P7.flow"') == 1
        assert page.count('data-missing="true"') == 1
