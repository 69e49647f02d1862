"""Handing readings over from another process: durable, in order, once."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pytest

from huoshui.areas.telemetry import contracts, facade, keeping, refusals
from huoshui.areas.telemetry.store import inbox, readers
from huoshui.areas.telemetry.tests import cast
from huoshui.areas.telemetry.tests.cast import MINUTE, NOON
from huoshui.kernel.audit.models import AuditRecord


def values(folder: Path, number: int = 1) -> list[float]:
    found = readers.Reader(folder).readings([number], NOON, NOON + 60 * MINUTE)[number]
    return list(found.value.tolist())


class TestTakeIn:
    def test_stores_what_was_put_in_order_and_deletes_the_files(self, tmp_path: Path) -> None:
        for value in (30.0, 31.0, 32.0):
            inbox.put(tmp_path, [cast.batch((1, NOON, value), (1, NOON + MINUTE, 40.0))])
        historian = cast.historian(tmp_path, [cast.pressure(1)])

        assert historian.take_in() == 3
        assert historian.take_in() == 0
        historian.close()

        assert values(tmp_path) == [32.0, 40.0]
        assert inbox.names(tmp_path) == []

    def test_keeps_source_quality_and_missing_values(self, tmp_path: Path) -> None:
        given = cast.batch((1, NOON, cast.NAN), quality=cast.MISSING)
        [name] = inbox.put(tmp_path, [given, cast.batch((2, NOON, 5.0))])

        first, second = inbox.read(tmp_path, name)

        assert (first.source, second.source) == ("test", "test")
        assert first.quality.tolist() == [cast.MISSING]
        assert np.isnan(first.value[0])
        assert second.point_id.dtype == np.int32

    def test_does_not_take_a_file_twice_when_it_was_killed_before_deleting_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A later message about the same moment must not be undone by the old file."""
        inbox.put(tmp_path, [cast.batch((1, NOON, 30.0))])
        historian = cast.historian(tmp_path, [cast.pressure(1)])
        with monkeypatch.context() as killed:
            killed.setattr(inbox, "forget", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
            with pytest.raises(KeyboardInterrupt):
                historian.take_in()
        historian.accept(cast.batch((1, NOON, 35.0)))
        historian.close()

        historian = cast.historian(tmp_path, [cast.pressure(1)])
        historian.take_in()
        assert historian.journal.taken() == set()
        historian.close()

        assert values(tmp_path) == [35.0]
        assert inbox.names(tmp_path) == []

    @pytest.mark.parametrize("left", [0.0, 0.3, 0.6, 0.95, "schema", "zeros"])
    def test_sets_aside_what_the_disk_spoilt_and_goes_on(
        self, tmp_path: Path, left: float | str
    ) -> None:
        [spoilt] = inbox.put(tmp_path, [cast.batch((1, NOON, 30.0))])
        inbox.put(tmp_path, [cast.batch((1, NOON + MINUTE, 31.0))])
        path = tmp_path / "inbox" / spoilt
        content = path.read_bytes()
        if isinstance(left, float):
            path.write_bytes(content[: int(len(content) * left)])
        elif left == "zeros":
            path.write_bytes(bytes(len(content)))
        else:
            with pa.ipc.open_stream(content) as stream:
                path.write_bytes(content[: stream.schema.serialize().size])
        historian = cast.historian(tmp_path, [cast.pressure(1)])

        historian.take_in()
        historian.close()

        assert values(tmp_path) == [31.0]
        assert inbox.waiting(tmp_path).unreadable == 1

    def test_splits_a_huge_hand_over_and_loses_none_of_it(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(inbox, "ROWS_PER_BATCH", 10)
        monkeypatch.setattr(inbox, "ROWS_PER_FILE", 25)
        at = [NOON + place * 1000 for place in range(95)]

        names = inbox.put(tmp_path, [cast.columns([1] * 95, at, list(range(95)))])
        historian = cast.historian(tmp_path, [cast.pressure(1)])
        historian.take_in()
        historian.close()

        assert len(names) == 5
        assert names == sorted(names)
        assert values(tmp_path) == list(range(95))

    def test_takes_from_several_writers_at_once(self, tmp_path: Path) -> None:
        historian = cast.historian(tmp_path, [cast.pressure(n) for n in range(1, 5)])

        def write(number: int) -> None:
            for minute in range(10):
                inbox.put(tmp_path, [cast.batch((number, NOON + minute * MINUTE, float(minute)))])

        threads = [threading.Thread(target=write, args=(number,)) for number in range(1, 5)]
        for thread in threads:
            thread.start()
        while any(thread.is_alive() for thread in threads):
            historian.take_in()
        historian.take_in()
        historian.close()

        assert [values(tmp_path, number) for number in range(1, 5)] == [list(range(10))] * 4

    def test_puts_a_name_behind_the_others_after_the_clock_was_set_back(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        [first] = inbox.put(tmp_path, [cast.batch((1, NOON, 30.0))])
        monkeypatch.setattr(inbox, "_newest", 0)
        monkeypatch.setattr(inbox.time, "time_ns", lambda: 1)

        [second] = inbox.put(tmp_path, [cast.batch((1, NOON, 31.0))])

        assert second > first


class TestHandIn:
    def test_waits_until_ingest_has_stored_it_and_names_the_person(
        self, home: Path, person: SimpleNamespace
    ) -> None:
        facade.declare_points([contracts.PointDeclaration("a.flow", "A", "甲", "flow")], None)
        number = facade.point_ids()["a.flow"]
        historian = keeping.open_historian()
        stopping = threading.Event()
        ingest = threading.Thread(target=keeping._run_inbox, args=(historian, stopping))
        ingest.start()
        try:
            handed = facade.hand_in([cast.batch((number, NOON, 4.0))], by_id=person.id, wait_s=30.0)
        finally:
            stopping.set()
            ingest.join()
            historian.close()

        assert (handed.readings, handed.stored) == (1, True)
        assert values(home, number) == [4.0]
        record = AuditRecord.objects.get(action="telemetry.readings_handed_in")
        assert record.by_id == person.id

    def test_leaves_it_for_the_next_start_when_no_ingest_runs(self, home: Path, db: None) -> None:
        facade.declare_points([contracts.PointDeclaration("a.flow", "A", "甲", "flow")], None)
        number = facade.point_ids()["a.flow"]

        handed = facade.hand_in([cast.batch((number, NOON, 4.0))], wait_s=0.01)

        assert not handed.stored
        assert inbox.names(home) == [handed.name]
        historian = keeping.open_historian()
        historian.take_in()
        historian.close()
        assert values(home, number) == [4.0]

    @pytest.mark.skipif(os.name == "nt", reason="No such limit on Windows")
    def test_says_that_the_disk_is_full_and_leaves_nothing(self, home: Path) -> None:
        import resource
        import signal

        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000, hard))
        try:
            with pytest.raises(refusals.DiskFull) as refused:
                facade.hand_in(
                    [cast.columns([1] * 5000, range(NOON, NOON + 5000), list(range(5000)))]
                )
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            signal.signal(signal.SIGXFSZ, before)

        assert refused.value.code == "telemetry.journal_unavailable"
        assert os.listdir(home / "inbox") == []
