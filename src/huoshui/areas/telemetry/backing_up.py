"""What a backup of the historian needs: an order of copying, and a look at the copy.

The inbox goes before the journal, because ingest deletes a file only after the journal has its
readings; the journal before the lake, because it lets go of a batch only after the lake has it; the
logs of the lake before its files, because a log names only files that are there. What is thus
copied twice is known again by its name and number, as after a crash.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

ORDER = ("historian/inbox/**", "historian/journal.sqlite", "historian/lake/*/_delta_log/**")


def missing_from_the_lake(home: Path) -> list[str]:
    """Return the files that the lake's logs name and that a copy lacks."""
    lake = home / "historian" / "lake"
    if not lake.is_dir():
        return []
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    problems: list[str] = []
    for folder in sorted(one.parent for one in lake.glob("*/_delta_log")):
        try:
            named = DeltaTable(str(folder)).file_uris()
        except (DeltaError, OSError) as problem:
            problems.append(f"{folder.name}: {problem}")
            continue
        for uri in named:
            path = Path(unquote(urlsplit(uri).path) if "://" in uri else uri)
            if not path.is_file():
                problems.append(f"{folder.name}: {path.name} is missing")
    return problems
