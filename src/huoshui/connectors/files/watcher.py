"""Watch a folder, take in what comes to rest there, and put it away with its problems beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.utils import translation

from huoshui.areas.telemetry.contracts import ConnectorHealth
from huoshui.connecting.columns import Columns
from huoshui.connecting.feed import Backoff, Feed, Store
from huoshui.connecting.health import Health
from huoshui.connectors.files.folder import DONE, REFUSED, Folder
from huoshui.connectors.files.tables import Mapping, TableFile
from huoshui.kernel import clock
from huoshui.kernel.intake import report as intake_report

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Options:
    """Which folder, how often to look, and how its tables are to be understood."""

    folder: Path
    mapping: Mapping
    every_s: float = 5.0
    language: str = "zh-hans"


class Connector:
    """One folder feeding one historian; ``run`` works until ``stop``."""

    def __init__(
        self,
        name: str,
        options: Options,
        store: Store,
        report: Callable[[ConnectorHealth], None] = lambda health: None,
    ) -> None:
        self._name, self._options, self._store = name, options, store
        self.health = Health(name=name, address=str(options.folder), connector="files")
        self._feed = Feed(store, self.health, report)
        self._folder = Folder(options.folder, now=clock.real_now, read_as=repr(options.mapping))

    def stop(self) -> None:
        """End ``run`` after the part under way; the file is taken up at the next start."""
        self._feed.stopping.set()

    def run(self) -> None:
        """Look, take in, put away."""
        backoff = Backoff()
        try:
            while not self._feed.stopping.is_set():
                try:
                    self._folder.prepare()
                    for path in self._folder.unfinished():
                        self._take_in(path)
                    self._watch(backoff)
                except OSError as fault:
                    self.health.problem("files.folder_unusable", "", str(fault)[:200])
                    self.health.lost("files.folder_unusable")
                    self._feed.publish_health(force=True)
                    self._feed.rest(backoff.next_s())
        finally:
            self.health.state = "stopped"
            self._feed.publish_health(force=True)

    def _watch(self, backoff: Backoff) -> None:
        told: set[str] = set()
        while not self._feed.stopping.is_set():
            for path in self._folder.complete():
                self._take_in(path)
                if self._feed.stopping.is_set():
                    return
            for name in self._folder.odd():
                if name not in told and len(told) < 1000:
                    told.add(name)
                    self.health.problem("files.link_refused", name[:120], "")
            self.health.connected()
            backoff.reset()
            self._feed.rest(self._options.every_s)

    def _take_in(self, path: Path) -> None:
        name = path.name
        try:
            digest = self._folder.digest(path)
        except PermissionError as fault:
            # One file of another account must not hold up all behind it.
            self.health.problem("files.not_allowed", name[:120], str(fault)[:200])
            self._folder.put_away(path, REFUSED, "")
            return
        if self._folder.is_taken(digest):
            self.health.arrived(Columns.nothing(), where=name, again=True)
            self._folder.put_away(path, DONE, "")
            return
        table = TableFile(path, name, self._options.mapping)
        refused = 0
        for part in table.parts(lambda code: self._store.id_of(self._name, code)):
            refused += part.refused
            if not self._feed.give(self._name, part, where=name):
                return  # told to stop; the file stays in `working`
        if table.read:
            self._folder.remember(digest, name)
        else:
            self.health.arrived(Columns.nothing(), where=name)
        for one in list(table.problems)[:5]:
            place = f"{name} {one.line or ''} {one.column}".strip()
            self.health.problem(one.code, place, one.value)
        with translation.override(self._options.language):
            text = intake_report.text(table.problems) if table.problems.total else ""
        self._folder.put_away(path, DONE if table.read else REFUSED, text or "")
        log.info("%s: took in %s, %d readings, %d refused", self._name, name, table.read, refused)
