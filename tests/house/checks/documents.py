"""H8: documents have one title, and their links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote

from tests.house.checks import tree

FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*\s*$", re.MULTILINE)


def _prose(text: str) -> str:
    return INLINE.sub("", FENCE.sub("", text))


def titles(path: Path, text: str) -> list[str]:
    """Return a complaint unless a document has exactly one title, on its first line."""
    found = [mark for mark, _ in HEADING.findall(FENCE.sub("", text)) if mark == "#"]
    if len(found) == 1 and text.startswith("# "):
        return []
    return [f"{tree.place(path)} has {len(found)} titles; it needs one, on its first line"]


def anchors(text: str) -> set[str]:
    """Return the anchors of a document's headings, spelt as GitHub and Gitea spell them."""
    found: set[str] = set()
    for _, heading in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        anchor = re.sub(r"[^\w\- ]", "", plain.lower()).strip().replace(" ", "-")
        number, unique = 0, anchor
        while unique in found:
            number += 1
            unique = f"{anchor}-{number}"
        found.add(unique)
    return found


def broken_links(path: Path, text: str) -> list[str]:
    """Return complaints about links to files or headings that are not there.

    Addresses outside the repository are not visited: tests have no network.
    """
    complaints = []
    for target in LINK.findall(_prose(text)):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        goal = (path.parent / name).resolve() if name else path
        if not goal.exists():
            complaints.append(f"{tree.place(path)} links to {target}, which does not exist")
        elif anchor and goal.suffix == ".md":
            there = text if goal == path else goal.read_text(encoding="utf-8")
            if anchor not in anchors(there):
                complaints.append(f"{tree.place(path)} links to {target}: no such heading")
    return complaints
