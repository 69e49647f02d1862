"""Worlds with one thing wrong; the docstring says what."""

from __future__ import annotations

from huoshui.democity.worlds.toys import TWO_PIPES
from huoshui.democity.worlds.world import World


def duplicate_ids() -> World:
    """Return a world in which two junctions are both called A."""
    text = TWO_PIPES.replace(" B   5          18\n", " A   5          18\n B   5          18\n")
    return World(name="duplicate_ids", inp_text=text)


def node_without_coordinates() -> World:
    """Return a world whose junction B has no place on the map."""
    text = TWO_PIPES.replace(" B     1000  500\n", "")
    return World(name="node_without_coordinates", inp_text=text)


def pipe_to_nowhere() -> World:
    """Return a world whose pipe P2 ends at a junction X that does not exist."""
    text = TWO_PIPES.replace("P2  A      B ", "P2  A      X ")
    return World(name="pipe_to_nowhere", inp_text=text)


def unknown_units() -> World:
    """Return a world whose flows are in buckets, a unit that EPANET does not have."""
    return World(name="unknown_units", inp_text=TWO_PIPES.replace("CMH", "BUCKETS"))


def disconnected() -> World:
    """Return a world in which junction B hangs on a pipe to C, and nothing joins them to R."""
    text = TWO_PIPES.replace("P2  A      B ", "P2  C      B ")
    text = text.replace(" B   5          18\n", " B   5          18\n C   5          1\n")
    text = text.replace(" B     1000  500\n", " B     1000  500\n C     900   500\n")
    return World(name="disconnected", inp_text=text)


def no_source() -> World:
    """Return a world with neither reservoir nor tank: nothing feeds it."""
    text = TWO_PIPES.replace("[RESERVOIRS]\n;ID  Head\n R   50\n", "")
    text = text.replace(" A   10         36\n", " A   10         36\n R   10         0\n")
    return World(name="no_source", inp_text=text)


def pipe_without_width() -> World:
    """Return a world whose pipe P1 has a diameter of zero."""
    text = TWO_PIPES.replace("1000    200 ", "1000    0   ")
    return World(name="pipe_without_width", inp_text=text)


def coordinates_off_the_map() -> World:
    """Return a world whose junction B lies a hundred thousand kilometres north."""
    text = TWO_PIPES.replace(" B     1000  500\n", " B     1000  1e8\n")
    return World(name="coordinates_off_the_map", inp_text=text)


def garbage() -> World:
    """Return a world whose file is not a network but somebody's letter."""
    text = "您好：\n附件是我们城市的管网图。\n[HELLO]\n 1 2 3\n"
    return World(name="garbage", inp_text=text)


def empty() -> World:
    """Return a world whose file is empty."""
    return World(name="empty", inp_text="")
