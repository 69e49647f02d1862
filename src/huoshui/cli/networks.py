"""Network files of commands: opened, refused in the reader's words, with the line that is wrong."""

from __future__ import annotations

import re
from pathlib import Path

from huoshui.cli import plain_files
from huoshui.cli.speaking import gettext as _
from huoshui.kernel import errors
from huoshui.lab.hydraulics import epanet

NAMED_LINE = re.compile(r"(?:Error|错误)\s*\d+:.*", re.DOTALL)


def read(path: Path) -> str:
    """Return the text of a network file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError as problem:
        raise plain_files.refusal(problem) from problem


def opened(path: Path) -> epanet.EpanetProject:
    """Open a network file in EPANET, or say what is wrong with it and where."""
    text = read(path)
    try:
        return epanet.EpanetProject(text)
    except epanet.EpanetRefused as refused:
        raise refusal(path, refused, text) from refused


def refusal(path: Path, refused: epanet.EpanetRefused, text: str = "") -> errors.Refused:
    """Return what a person is told about a network that EPANET does not read or solve."""
    placed = [
        # A file that is no network may hold signs that would steer the reader's terminal.
        "".join(sign if sign.isprintable() else "·" for sign in _placed(detail, text))
        for detail in refused.details
        if "Error 200" not in detail
    ]
    return errors.Refused(
        "cli.network_refused",
        _("EPANET cannot read %(file)s: %(why)s")
        % {"file": path, "why": "; ".join(placed) or str(refused)},
        data={"file": str(path), "code": refused.code, "details": list(refused.details)},
        next_step=_("Correct the lines it names.")
        if placed
        else _("It needs nodes and a reservoir or tank: is this the network file?"),
    )


def _placed(detail: str, text: str) -> str:
    """Put the number of the line before EPANET's word of it, where the line is repeated there."""
    words = detail.split(":", 2)[-1].strip()
    section = re.search(r"in \[(\w+)\] section", detail)
    name = re.search(r"(?:label|node|link|pattern|curve) (\S+)", detail)
    inside = ""
    for number, line in enumerate(text.splitlines(), start=1):
        plain = line.split(";")[0].strip()
        if plain.startswith("["):
            inside = plain.strip("[]").upper()
            if "invalid section" in detail and plain.strip("[]") in detail:
                return f"{_('line %(line)d') % {'line': number}}: {detail}"
            continue
        if not plain or (section and not inside.startswith(section.group(1)[:4].upper())):
            continue
        if words and " ".join(words.split()) == " ".join(plain.split()):
            return f"{_('line %(line)d') % {'line': number}}: {detail}"
        if section and name and name.group(1) in plain.split():
            return f"{_('line %(line)d') % {'line': number}}: {detail}"
    return detail
