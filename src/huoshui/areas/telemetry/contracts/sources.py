"""Data sources, and what their connectors say about themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class ConnectorProblem:
    """Something a connector could not read or store; ``count`` times in a row."""

    code: str
    where: str
    message: str
    count: int
    seen_at: datetime


@dataclass(frozen=True)
class ConnectorHealth:
    """What a connector says about itself, about once a second.

    Moments are of the machine's clock, not of the demo's: this is about our own connection.
    ``state`` is connecting, connected, disconnected or stopped; ``note`` a code that says why, or
    nothing. Counts begin with ``started_at``.
    """

    name: str
    address: str
    state: str
    state_since: datetime
    note: str
    started_at: datetime
    reported_at: datetime
    latest_message_at: datetime | None
    messages: int
    messages_again: int
    messages_refused: int
    messages_waiting: int
    readings_accepted: int
    readings_refused: int
    messages_per_s: float
    readings_per_s: float
    commits: int
    store_failures: int
    problems: tuple[ConnectorProblem, ...]
    # Which connector speaks; a source has a name of its own.
    connector: str = ""
    latest_reading_us: int | None = None
    # Of codes that nobody declared; kept until somebody adopts them.
    readings_unknown: int = 0
    # Median of (received - stamped) by the city's clock, of the newest reading of each message:
    # how late readings come, or when negative how far the sender's clock is ahead.
    delay_s: float | None = None


@dataclass(frozen=True)
class Source:
    """One place readings come from, as this installation set it up.

    ``options`` are named by the connector's manifest; ``secrets`` holds what must not stand in a
    table, such as passwords and private keys, and is empty unless asked for.
    """

    code: str
    connector: str
    title: str
    options: Mapping[str, object]
    is_enabled: bool
    changed_at: datetime | None
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class OptionFault:
    """An option of a source that cannot be used: which, why (a code of the manifest's words)."""

    option: str
    code: str
    value: str = ""
    line: int | None = None


@dataclass(frozen=True)
class Checked:
    """What trying a source's connection found: a code of the manifest's words, and samples."""

    is_good: bool
    code: str
    detail: str = ""
    samples: tuple[tuple[str, str], ...] = ()
