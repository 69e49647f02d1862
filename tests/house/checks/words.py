"""H13: words are put into a language when somebody reads them, not when the program starts."""

from __future__ import annotations

import ast
from pathlib import Path

AT_ONCE = {"gettext", "pgettext", "ngettext", "npgettext"}


def said_too_early(path: Path, text: str) -> list[str]:
    """Return the calls that a module or class makes while it is loaded, in the first language."""
    tree = ast.parse(text)
    at_once = {
        one.asname or one.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation"
        for one in node.names
        if one.name in AT_ONCE
    }
    return [
        f"{path}:{line}: translated while loading; take the lazy form"
        for line in _calls(tree, at_once)
    ]


def _calls(node: ast.AST, names: set[str]) -> list[int]:
    """Return the lines of calls outside of the bodies of functions."""
    found = []
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            for default in (*child.args.defaults, *child.args.kw_defaults):
                found += _calls(ast.Expr(default), names) if default else []
            continue
        if (
            isinstance(child, ast.Call)
            and isinstance(child.func, ast.Name)
            and child.func.id in names
        ):
            found.append(child.lineno)
        found += _calls(child, names)
    return found
