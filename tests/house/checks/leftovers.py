"""H8: what a finished change does not leave behind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.house.checks import tree

FILE_BYTES_MAX = 1_000_000
# Written in two halves, so that this file does not complain about itself.
MARKERS = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX|HA" + r"CK|W" + r"IP)\b")
STRAY_TS = re.compile(r"\bconsole\.log\(|\bdebugger\b|\balert\(")
STRAY_PY = {"print", "breakpoint", "pprint"}
MACHINE = re.compile(
    r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot|Users|ho" + r"me/[a-z]+)/|(?<![\w.])/t" + r"mp/[a-z0-9]"
)
# Found by their names: by Django, and ``api`` of each area by the project.
FOUND_BY_NAME = {"apps", "models", "urls", "wsgi", "asgi", "settings", "api", "__main__"}


def markers(path: Path, text: str) -> list[str]:
    """Return complaints about notes to ourselves left in the text."""
    return [
        f"{tree.place(path, number)} keeps the marker {found.group()}; do it, or open an issue"
        for number, line in enumerate(text.splitlines(), 1)
        if (found := MARKERS.search(line))
    ]


def stray_prints(path: Path, text: str) -> list[str]:
    """Return complaints about output for the developer's eyes."""
    if path.suffix == ".ts":
        return [
            f"{tree.place(path, number)} talks to the developer: {line.strip()}"
            for number, line in enumerate(text.splitlines(), 1)
            if STRAY_TS.search(line)
        ]
    return [
        f"{tree.place(path, node.lineno)} calls {node.func.id}; use logging or the command line"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in STRAY_PY
    ]


def machine_paths(path: Path, text: str) -> list[str]:
    """Return complaints about paths that exist on one machine only."""
    return [
        f"{tree.place(path, number)} names a path of one machine: {line.strip()[:80]}"
        for number, line in enumerate(text.splitlines(), 1)
        if MACHINE.search(line)
    ]


def large_files(paths: Iterable[Path]) -> list[str]:
    """Return complaints about files that make every clone heavy."""
    return [
        f"{tree.place(path)} is larger than {FILE_BYTES_MAX:,} bytes"
        for path in paths
        if path.stat().st_size > FILE_BYTES_MAX
    ]


def missing_readme(area: Path) -> list[str]:
    """Return a complaint where an area does not introduce itself."""
    readme = area / "README.md"
    if not readme.is_file() or len(readme.read_text(encoding="utf-8").split()) < 40:
        return [f"{tree.place(area)} needs a README.md: purpose, words, what it offers and hears"]
    return []


def _mentions(text: str) -> set[str]:
    """Return every module a Python file imports, or names with dots in a string."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            names |= set(re.findall(r"\bhuoshui(?:\.\w+)+", node.value))
    return names


def unused_modules(sources: Mapping[str, str], elsewhere: str = "") -> list[str]:
    """Return complaints about modules that nothing imports and nobody names.

    Parameters
    ----------
    sources
        Text of each module of the product by its dotted name, without tests.
    elsewhere
        Text that may name modules too: `pyproject.toml`, the launcher, tools.
    """
    named = set(re.findall(r"\bhuoshui(?:\.\w+)+", elsewhere)) | _from_imports(elsewhere)
    for module, text in sources.items():
        named |= {name for name in _mentions(text) if name != module}
    # To name something inside a module is to name the module.
    named |= {name.rsplit(".", 1)[0] for name in named}
    complaints = []
    for module in sorted(sources):
        *folders, name = module.split(".")
        by_convention = name in FOUND_BY_NAME or {"migrations", "templatetags", "commands"} & {
            *folders
        }
        empty = not ast.parse(sources[module]).body[1 if sources[module].startswith('"""') else 0 :]
        package = any(other.startswith(module + ".") for other in sources)
        if not (by_convention or empty or package) and module not in named:
            complaints.append(f"{module} is imported by nobody")
    return complaints


def _from_imports(text: str) -> set[str]:
    found = re.findall(r"from (huoshui(?:\.\w+)*) import ([\w, ]+)", text)
    return {f"{module}.{name.strip()}" for module, names in found for name in names.split(",")}
