"""The reference page of connectors, printed from their manifests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def page(table: Callable[..., str]) -> str:
    """Return every connector with its options; ``table`` writes a table."""
    from huoshui.areas.telemetry import sources

    parts = [
        "How readings come in. Each connector says in its `manifest.json` what it is and in its "
        "`quality.yaml` what it promises. How to set one up is in "
        "[the guide](../guides/connecting-devices/sources.md)."
    ]
    for one in sources.connectors().values():
        folder = one.package.replace(".", "/")
        parts.append(
            f"## {one.title}\n\n{sources.spoken(one.facts['about'])} Protocol: "
            f"{one.facts['protocol']}. Details are in `src/{folder}/README.md`."
        )
        rows = [
            (f"`{o['name']}`", sources.spoken(o["label"]), _default(o), _meaning(o))
            for o in one.options
        ]
        parts.append(
            table(("Option", "On the form", "Default", "Meaning"), rows)
            if rows
            else "No options: senders need the code of the source and a token."
        )
    return "\n\n".join(parts)


def _default(option: dict[str, Any]) -> str:
    value = option.get("default", "")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`" if value != "" else ""


def _meaning(option: dict[str, Any]) -> str:
    from huoshui.areas.telemetry import sources

    words = [sources.spoken(option["help"])] if "help" in option else []
    if option["type"] == "choice":
        labels = [sources.spoken(choice["label"]) for choice in option["choices"]]
        words.append(f"One of: {', '.join(labels)}.")
    if option["type"] in sources.SECRET_TYPES:
        words.append("Kept in a file, never shown.")
    return " ".join(words)
