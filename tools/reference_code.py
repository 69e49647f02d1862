"""Find in the code what no registry keeps: the events that are told, and the codes of refusals."""

from __future__ import annotations

import ast
import dataclasses
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).resolve().parents[1] / "src" / "huoshui"
ERROR_CODE = re.compile(r"^[a-z_]+\.[a-z0-9_]+$")
FAMILIES = {"Refused": "refused", "Unavailable": "unavailable", "HuoshuiError": "broken"}


def product_files() -> Iterator[Path]:
    """Yield the Python files of the product, without tests and migrations."""
    for path in sorted(SOURCE.rglob("*.py")):
        if not {"tests", "migrations", "__pycache__"} & set(path.parts):
            yield path


def event_classes() -> list[type]:
    """Return every class that the product publishes or listens to, found by reading the code."""
    names: set[tuple[str, str]] = set()
    for path in product_files():
        area = path.relative_to(SOURCE).parts[1] if "areas" in path.parts else ""
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                not isinstance(node, ast.Call)
                or not isinstance(node.func, ast.Attribute)
                or node.func.attr not in ("publish", "listen")
                or not node.args
            ):
                continue
            given = node.args[0].func if isinstance(node.args[0], ast.Call) else node.args[0]
            names.add(
                (area, given.attr if isinstance(given, ast.Attribute) else ast.unparse(given))
            )
    found = {}
    for contracts in _contracts():
        area = contracts.__name__.split(".")[2]
        for name, value in vars(contracts).items():
            mine = isinstance(value, type) and value.__module__.startswith(contracts.__name__)
            if mine and dataclasses.is_dataclass(value):
                heard = any(name == other for _, other in names)
                told = (area if ".areas." in contracts.__name__ else "", name) in names
                if heard or told:
                    found[f"{area}.{name}"] = value
    return [found[name] for name in sorted(found)]


def _contracts() -> list[Any]:
    kernel = [
        importlib.import_module(f"huoshui.kernel.{path.parent.name}.facts")
        for path in sorted((SOURCE / "kernel").glob("*/facts.py"))
    ]
    return kernel + [
        importlib.import_module(f"huoshui.areas.{path.parent.name}.contracts")
        for path in sorted((SOURCE / "areas").glob("*/__init__.py"))
        if (path.parent / "contracts.py").exists() or (path.parent / "contracts").exists()
    ]


@dataclasses.dataclass(frozen=True)
class Refusal:
    """One code that a program may meet, as found in the code."""

    code: str
    family: str
    status: int
    sentence: str
    meaning: str


def refusals() -> list[Refusal]:
    """Return every error code of the product, found by reading the code."""
    found: dict[str, Refusal] = {}
    classes: dict[str, str] = dict(FAMILIES)
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in product_files()]
    definitions = [n for tree in trees for n in ast.walk(tree) if isinstance(n, ast.ClassDef)]
    # A refusal may derive from another one; a few rounds find all generations.
    for _ in range(4):
        for one in definitions:
            for base in one.bases:
                name = base.attr if isinstance(base, ast.Attribute) else ast.unparse(base)
                if name in classes:
                    classes.setdefault(one.name, classes[name])
    for one in definitions:
        if one.name in classes:
            for refusal in _codes_in(one, classes[one.name], ast.get_docstring(one) or ""):
                found.setdefault(refusal.code, refusal)
    # A class that makes its own sentence takes other things first than a code.
    plain = FAMILIES | {
        one.name: classes[one.name]
        for one in definitions
        if one.name in classes
        and not any(
            isinstance(part, ast.FunctionDef) and part.name == "__init__" for part in one.body
        )
    }
    for tree in trees:
        for refusal in _codes_in(tree, "", "", names=plain):
            found.setdefault(refusal.code, refusal)
    return [found[code] for code in sorted(found)]


def _codes_in(
    node: ast.AST, family: str, meaning: str, names: dict[str, str] | None = None
) -> Iterator[Refusal]:
    """Yield refusals raised or defined in a piece of code, by the shape of their call."""
    status_of_class = {
        part.targets[0].id: part.value.value
        for part in getattr(node, "body", [])
        if isinstance(part, ast.Assign)
        and isinstance(part.targets[0], ast.Name)
        and isinstance(part.value, ast.Constant)
    }
    for call in ast.walk(node):
        if not isinstance(call, ast.Call):
            continue
        called = call.func.attr if isinstance(call.func, ast.Attribute) else ast.unparse(call.func)
        own = family if called == "__init__" and family else (names or {}).get(called, "")
        code = _text(call.args[0]) if call.args else None
        if not own or code is None or not ERROR_CODE.match(code):
            continue
        given = {key.arg: key.value for key in call.keywords}
        status = given.get("status")
        default = {"refused": 409, "unavailable": 503}.get(own, 500)
        yield Refusal(
            code=code,
            family=own,
            status=status.value
            if isinstance(status, ast.Constant)
            else int(status_of_class.get("status", default)),
            sentence=(_text(call.args[1]) or "") if len(call.args) > 1 else "",
            meaning=" ".join(meaning.split("\n\n")[0].split()),
        )


def _text(node: ast.expr) -> str | None:
    """Return the text of an expression: a literal, a translated one, one with values, or a join."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if isinstance(node, ast.Call) and node.args:
        return _text(node.args[0])
    if isinstance(node, ast.BinOp):
        left, right = _text(node.left), _text(node.right)
        return left if isinstance(node.op, ast.Mod) else f"{left or ''}{right or '...'}"
    if isinstance(node, ast.JoinedStr):
        parts = (_text(part) or "..." for part in node.values)
        return "".join(parts)
    return None
