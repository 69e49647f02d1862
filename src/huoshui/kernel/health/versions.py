"""What must be there before any part starts: versions, and a database of this version.

Each problem names what was found, what is needed, and the command that mends it.
"""

from __future__ import annotations

import platform
import sqlite3
import sys
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import errors

PYTHON_MIN = (3, 11)
# 3.35 answers RETURNING, 3.34 brought the index of three letters that finds words in lists.
SQLITE_MIN = (3, 35, 0)
POSTGRESQL_MIN = 140000  # as the server counts: 14.0


@dataclass(frozen=True)
class Problem:
    """One thing that is too old or unfinished."""

    code: str
    text: Any
    remedy: Any


class NotReady(errors.Refused):
    """The computer or the database is not what this version needs."""

    status = 503

    def __init__(self, found: list[Problem]) -> None:
        super().__init__(
            "health.not_ready",
            " ".join(str(one.text) for one in found),
            data={"problems": [one.code for one in found]},
            next_step=" ".join(dict.fromkeys(str(one.remedy) for one in found)),
        )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def of_python(found: tuple[int, ...]) -> list[Problem]:
    """Return what is wrong with a version of Python."""
    if found >= PYTHON_MIN:
        return []
    text = _("Python %(found)s is too old; %(needed)s or newer is needed.") % {
        "found": _dotted(found[:3]),
        "needed": _dotted(PYTHON_MIN),
    }
    remedy = _("Install a newer Python, remove the folder .venv, and start again.")
    return [Problem("python_too_old", text, remedy)]


def of_sqlite(found: tuple[int, ...]) -> list[Problem]:
    """Return what is wrong with a version of SQLite."""
    if found >= SQLITE_MIN:
        return []
    text = _("SQLite %(found)s is too old; %(needed)s or newer is needed.") % {
        "found": _dotted(found),
        "needed": _dotted(SQLITE_MIN),
    }
    return [Problem("sqlite_too_old", text, _("Use a Python that brings a newer SQLite."))]


def of_postgresql(found: int) -> list[Problem]:
    """Return what is wrong with a version of PostgreSQL, as its server counts."""
    if found >= POSTGRESQL_MIN:
        return []
    text = _("PostgreSQL %(found)s is too old; %(needed)s or newer is needed.") % {
        "found": found // 10000,
        "needed": POSTGRESQL_MIN // 10000,
    }
    remedy = _("Move the database to a newer server, then set HUOSHUI_DATABASE_URL to it.")
    return [Problem("postgresql_too_old", text, remedy)]


def pending_migrations() -> list[str]:
    """Return the steps that the database has not made yet, as app.name."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    steps = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{step.app_label}.{step.name}" for step, _backwards in steps]


def of_the_database() -> list[Problem]:
    """Return what is wrong with the database: too old, or not brought to this version."""
    from django.db import connection

    found: list[Problem] = []
    if connection.vendor == "postgresql":
        connection.ensure_connection()
        found += of_postgresql(connection.connection.info.server_version)
    waiting = pending_migrations()
    if waiting:
        text = _("The database is of another version: %(count)s steps are missing.") % {
            "count": len(waiting)
        }
        found.append(Problem("migrations_pending", text, _("Run once: ./huoshui setup")))
    return found


def problems() -> list[Problem]:
    """Return everything that keeps this version from working here."""
    return [
        *of_python(sys.version_info[:3]),
        *of_sqlite(sqlite3.sqlite_version_info),
        *of_the_database(),
    ]


def require() -> None:
    """Refuse with `health.not_ready` unless this version can work here; at the start of a part."""
    found = problems()
    if found:
        raise NotReady(found)


def line() -> str:
    """Return the versions in one line."""
    from django.db import connection

    from huoshui.kernel.pages import frame

    names = [f"Huoshui {frame.installed_version()}", f"Python {platform.python_version()}"]
    if connection.vendor == "sqlite":
        names.append(f"SQLite {sqlite3.sqlite_version}")
    else:
        connection.ensure_connection()
        names.append(f"PostgreSQL {connection.connection.info.server_version // 10000}")
    return ", ".join(names)
