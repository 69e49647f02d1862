"""The operational database: the embedded SQLite file, or a server when it has outgrown that."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote, urlsplit

from huoshui.kernel import errors, settings

SQLITE_OPTIONS = {
    # DEFERRED lets two transactions read first and then both fail to write; IMMEDIATE queues them.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=268435456;"
        "PRAGMA cache_size=-32000;PRAGMA temp_store=MEMORY;PRAGMA journal_size_limit=67108864;"
        "PRAGMA foreign_keys=ON;"
    ),
}


class UnknownDatabase(errors.Refused):
    """The address does not name a kind of database that we know."""

    def __init__(self, scheme: str) -> None:
        super().__init__(
            "settings.unknown_database",
            f"The setting database_url begins with {scheme or 'nothing'}, which is not known.",
            data={"scheme": scheme},
            next_step="Use postgresql://user:password@host:port/name, or leave it empty.",
        )


def default(chosen: settings.Settings) -> dict[str, Any]:
    """Return Django's description of the database that the settings ask for."""
    shared: dict[str, Any] = {
        # ATOMIC_REQUESTS would take the write lock on every GET; actions use atomic() themselves.
        "ATOMIC_REQUESTS": False,
        "CONN_MAX_AGE": None,
    }
    if not chosen.database_url:
        return shared | {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": chosen.database_path,
            "OPTIONS": SQLITE_OPTIONS,
            # A file, as in life: in memory there is no write-ahead log and no second process.
            "TEST": {"NAME": str(chosen.home / "test.sqlite")},
        }
    address = urlsplit(chosen.database_url)
    if address.scheme not in {"postgres", "postgresql"}:
        raise UnknownDatabase(address.scheme)
    return shared | {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(address.path.lstrip("/")),
        "USER": unquote(address.username or ""),
        "PASSWORD": unquote(address.password or ""),
        "HOST": address.hostname or "",
        "PORT": str(address.port or ""),
    }
