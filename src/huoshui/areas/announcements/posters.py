"""The code on a poster: the public address of an announcement as a picture."""

from __future__ import annotations

import io

import segno


def picture(address: str) -> str:
    """Return the code of an address as SVG, readable with a quarter of it scratched away."""
    out = io.BytesIO()
    segno.make(address, error="q", micro=False).save(
        out, kind="svg", xmldecl=False, svgns=True, border=2, scale=4, omitsize=True
    )
    return out.getvalue().decode()
