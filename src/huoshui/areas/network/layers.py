"""What other areas draw on the map: their layers and their ways to colour the pipes."""

from __future__ import annotations

from huoshui.areas.network.contracts import MapLayer, PipeColoring

_layers: dict[str, MapLayer] = {}
_colorings: dict[str, PipeColoring] = {}

LAYER_KINDS = ("points", "pulses", "areas")


def register_layer(layer: MapLayer) -> None:
    """Add a layer to the map, or replace the one of the same id."""
    if layer.kind not in LAYER_KINDS:
        msg = f"map layer {layer.id!r}: kind {layer.kind!r} is not one of {', '.join(LAYER_KINDS)}"
        raise ValueError(msg)
    _layers[layer.id] = layer


def register_coloring(coloring: PipeColoring) -> None:
    """Add a way to colour the pipes, or replace the one of the same id."""
    if not coloring.breaks or list(coloring.breaks) != sorted(set(coloring.breaks)):
        msg = f"pipe coloring {coloring.id!r}: breaks must rise"
        raise ValueError(msg)
    _colorings[coloring.id] = coloring


def registered_layers() -> tuple[MapLayer, ...]:
    """Return all layers in the order in which they are listed and drawn."""
    return tuple(sorted(_layers.values(), key=lambda layer: (layer.order, layer.id)))


def registered_colorings() -> tuple[PipeColoring, ...]:
    """Return all colourings in the order in which they are offered."""
    return tuple(sorted(_colorings.values(), key=lambda one: (one.order, one.id)))
