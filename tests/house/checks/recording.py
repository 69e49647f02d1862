"""Whoever changes rows says so in the audit trail: read from the source, call by call.

For each deed of people we follow the calls it makes, as far as they lead to functions of our own
source, and look for two things: a call that writes rows, and a call of ``audit.record``. The first
without the second is a deed that leaves no trace. A deed of people is a function of ``actions``
that says by whom it is done, or that a page, an endpoint or a command calls. What the clock and the
devices do has its own history.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

WRITES = {"save", "create", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
RECORDS = {"record", "record_read"}
# Parameters that say who does it.
BY = {"by", "by_id", "user_id", "asked_by_id"}
ROOT = "huoshui"


@dataclass
class Function:
    """One function: what it calls, whether it writes rows itself, whether it records itself."""

    module: str
    name: str
    line: int
    calls: set[tuple[str, str]] = field(default_factory=set)
    writes: str = ""
    records: bool = False
    names_somebody: bool = False


def is_door(module: str) -> bool:
    """Say whether people come in by a module: pages, endpoints, commands."""
    parts = module.split(".")
    return "web" in parts or "pages" in parts[3:] or parts[1:2] == ["cli"] or "sign_in" in parts


def is_actions(module: str) -> bool:
    """Say whether a module holds deeds of people: ``actions``, ``post_actions``, ``actions.x``."""
    return any(part == "actions" or part.endswith("_actions") for part in module.split("."))


def functions_of(module: str, text: str) -> Iterator[Function]:
    """Yield the functions of a module at its top level, and the methods of its classes."""
    body = ast.parse(text).body
    names = _imports(module, body)
    local = {one.name for one in body if isinstance(one, ast.FunctionDef)}
    for one in body:
        if isinstance(one, ast.FunctionDef):
            yield _read(module, one, names, local)
        elif isinstance(one, ast.ClassDef):
            for inner in one.body:
                if isinstance(inner, ast.FunctionDef):
                    found = _read(module, inner, names, local)
                    found.name = f"{one.name}.{inner.name}"
                    yield found


def _imports(module: str, body: list[ast.stmt]) -> dict[str, str]:
    """Return what each imported name stands for, as a dotted path."""
    names: dict[str, str] = {}
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(ROOT):
                for one in node.names:
                    names[one.asname or one.name] = f"{node.module}.{one.name}"
            elif isinstance(node, ast.Import):
                for one in node.names:
                    if one.asname and one.name.startswith(ROOT):
                        names[one.asname] = one.name
    return names


def _read(
    module: str, node: ast.FunctionDef, names: Mapping[str, str], local: set[str]
) -> Function:
    found = Function(module, node.name, node.lineno)
    arguments = {one.arg for one in (*node.args.args, *node.args.kwonlyargs)}
    found.names_somebody = bool(arguments & BY)
    for call in ast.walk(node):
        # A function that is handed on is called by somebody: map(self._one, ...), on_commit(f).
        if isinstance(call, ast.Name) and call.id in local:
            found.calls.add((module, call.id))
        if isinstance(call, ast.Name) and call.id in names:
            found.calls.add(tuple(names[call.id].rsplit(".", 1)))  # type: ignore[arg-type]
        if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
            owner = names.get(call.value.id)
            if owner:
                found.calls.add((owner, call.attr))
                found.records |= call.attr in RECORDS and owner.split(".")[-1] in {"audit", "trail"}
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute):
            found.writes = found.writes or _written(call, call.func)
    return found


def _written(call: ast.Call, function: ast.Attribute) -> str:
    """Return the words of a call that writes rows, or nothing."""
    name = function.attr
    rows = name in WRITES
    # Rows are changed by naming their fields; a dictionary takes another one.
    rows |= name == "update" and bool(call.keywords) and not call.args
    rows |= name == "delete" and not call.args and not call.keywords
    return ast.unparse(function)[-60:] if rows else ""


def silent(sources: Mapping[str, str]) -> list[str]:
    """Return complaints about deeds of people that write rows and record nothing."""
    known: dict[tuple[str, str], Function] = {}
    for module, text in sources.items():
        for one in functions_of(module, text):
            known[(module, one.name)] = one
    called = _called_from_doors(known)
    # A step of other deeds is theirs to record; each of them is looked at for itself.
    steps = {
        call for key, one in known.items() if is_actions(one.module) for call in one.calls - {key}
    }
    complaints = []
    for key, one in sorted(known.items()):
        is_deed = key in called or (one.names_somebody and key not in steps)
        if not is_actions(one.module) or not is_deed:
            continue
        if one.name.startswith("_") or "._" in one.name:
            continue
        reached = _reached(key, known)
        written = next((f for f in reached if f.writes), None)
        if written and not any(f.records for f in reached):
            complaints.append(
                f"{one.module}.{one.name} (line {one.line}) writes by {written.writes} in "
                f"{written.name} and records nothing"
            )
    return complaints


def _called_from_doors(known: Mapping[tuple[str, str], Function]) -> set[tuple[str, str]]:
    """Return what pages, endpoints and commands call, directly or through a facade."""
    called = {call for one in known.values() if is_door(one.module) for call in one.calls}
    through = [
        one for key, one in known.items() if key in called and one.module.endswith(".facade")
    ]
    return called | {call for one in through for call in one.calls}


def _reached(start: tuple[str, str], known: Mapping[tuple[str, str], Function]) -> list[Function]:
    seen, waiting, found = {start}, [start], []
    while waiting:
        one = known.get(waiting.pop())
        if one is None:
            continue
        found.append(one)
        for call in one.calls - seen:
            seen.add(call)
            waiting.append(call)
    return found
