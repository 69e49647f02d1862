"""H7: how long a file and a function may be."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.house.checks import tree

FILE_LINES_MAX = 400
LAB_FILE_LINES_MAX = 800
# A longer function must explain itself.
FUNCTION_LINES_MAX = 60
# Paths that may stay longer for a while. The list started empty and should end so.
EXCEPTIONS: frozenset[str] = frozenset()


def long_file(path: Path, text: str) -> list[str]:
    """Return a complaint where a file has outgrown one room."""
    limit = LAB_FILE_LINES_MAX if path.is_relative_to(tree.SOURCE / "lab") else FILE_LINES_MAX
    count = text.count("\n")
    if count <= limit or tree.place(path) in EXCEPTIONS:
        return []
    return [f"{tree.place(path)} has {count} lines (limit {limit}); make it a package of that name"]


def long_functions(path: Path, text: str) -> list[str]:
    """Return complaints about functions above the limit that have no docstring."""
    return [
        f"{tree.place(path, node.lineno)} {node.name} has {length} lines and no docstring"
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
        and ast.get_docstring(node) is None
    ]
