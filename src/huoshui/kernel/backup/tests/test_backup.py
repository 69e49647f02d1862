"""A backup taken while others write, put back elsewhere, and compared."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from huoshui.kernel import backup, settings
from huoshui.kernel.backup import health, ordering, taking


@pytest.fixture
def home(tmp_path, monkeypatch):
    folder = tmp_path / "home"
    for place, content in {
        "files/ab/abcd": b"photo",
        "secrets/secret_key": b"secret",
        "run/worker.lock": b"",
        "logs/web.log": b"chatter",
        "historian/lake/readings/_delta_log/0.json": b"{}",
        "historian/lake/readings/day.parquet": b"columns",
        "historian/lake/readings/half.parquet.part": b"col",
        "historian/inbox/one.arrow": b"handed in",
    }.items():
        path = folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    with closing(sqlite3.connect(folder / "huoshui.sqlite")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE deed (n INTEGER, twin INTEGER)")
        database.commit()
    found = settings.get().model_copy(update={"home": folder, "demo": False})
    monkeypatch.setattr(settings, "get", lambda: found)
    monkeypatch.setattr(ordering, "_checks", {})
    return folder


class TestTakeAndPutBack:
    def test_brings_back_every_file_and_leaves_out_what_is_of_this_run(self, home, tmp_path):
        taken = backup.take(tmp_path / "safe")
        there = tmp_path / "elsewhere"

        backup.put_back(tmp_path / "safe" / taken.folder.rpartition("/")[2], there)

        back = {p.relative_to(there).as_posix() for p in there.rglob("*") if p.is_file()}
        assert back == {
            "files/ab/abcd",
            "secrets/secret_key",
            "historian/lake/readings/_delta_log/0.json",
            "historian/lake/readings/day.parquet",
            "historian/inbox/one.arrow",
            "huoshui.sqlite",
        }
        assert (there / "files/ab/abcd").read_bytes() == b"photo"

    def test_sees_one_moment_of_a_database_that_is_being_written(self, home, tmp_path):
        stop = threading.Event()

        def write() -> None:
            with closing(sqlite3.connect(home / "huoshui.sqlite", timeout=30)) as database:
                n = 0
                while not stop.is_set():
                    n += 1
                    with database:
                        database.execute("INSERT INTO deed VALUES (?, ?)", (n, 0))
                        database.execute("UPDATE deed SET twin = n WHERE n = ?", (n,))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            taken = [backup.take(tmp_path / f"safe{n}") for n in range(3)]
        finally:
            stop.set()
            writer.join()

        for one in taken:
            with closing(sqlite3.connect(f"{one.folder}/huoshui.sqlite")) as database:
                rows = database.execute("SELECT n, twin FROM deed ORDER BY n").fetchall()
            assert rows == [(n, n) for n in range(1, len(rows) + 1)]

    def test_copies_what_was_declared_first_before_the_rest(self, home, monkeypatch):
        monkeypatch.setattr(ordering, "_first", [])
        backup.first("historian/inbox/**", "historian/lake/*/_delta_log/**")

        groups = list(ordering.places(home, with_secrets=True))

        assert groups[0] == ["historian/inbox/one.arrow"]
        assert groups[1] == ["historian/lake/readings/_delta_log/0.json"]
        assert groups[2] == ["huoshui.sqlite"]
        assert "historian/lake/readings/day.parquet" in groups[3]

    def test_leaves_secrets_out_if_asked(self, home, tmp_path):
        taken = backup.take(tmp_path / "safe", with_secrets=False)

        content = json.loads((tmp_path / taken.folder / "backup.json").read_text())
        assert not [one for one in content["files"] if one["place"].startswith("secrets/")]

    @pytest.mark.parametrize("inside", [".", "backups"])
    def test_refuses_a_folder_inside_the_home(self, home, inside):
        with pytest.raises(taking.NotPossible) as refused:
            backup.take(home / inside)

        assert refused.value.code == "backup.inside_home"

    def test_leaves_nothing_behind_when_the_disk_is_full(self, home, tmp_path, monkeypatch):
        def full(*_given):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(taking, "_copy_file", full)

        with pytest.raises(taking.NotPossible) as refused:
            backup.take(tmp_path / "safe")
        assert refused.value.code == "backup.no_room"
        assert list((tmp_path / "safe").iterdir()) == []
        assert backup.latest() is None


class TestVerify:
    @pytest.fixture
    def taken(self, home, tmp_path):
        return tmp_path / backup.take(tmp_path / "safe").folder

    def test_finds_nothing_wrong_with_a_fresh_one(self, taken):
        assert backup.verify(taken) == []

    def test_finds_what_is_missing_and_what_was_changed(self, taken):
        (taken / "files/ab/abcd").write_bytes(b"forged")
        (taken / "historian/inbox/one.arrow").unlink()

        assert sorted(backup.verify(taken)) == [
            "files/ab/abcd: changed",
            "historian/inbox/one.arrow: missing",
        ]

    def test_keeps_a_torn_one_from_being_put_back(self, taken, tmp_path):
        (taken / "files/ab/abcd").write_bytes(b"forged")

        with pytest.raises(taking.NotPossible) as refused:
            backup.put_back(taken, tmp_path / "elsewhere")
        assert refused.value.code == "backup.torn"
        assert not (tmp_path / "elsewhere").exists()

    def test_never_leads_out_of_its_folder(self, taken, tmp_path):
        (tmp_path / "outside").write_text("x")
        content = json.loads((taken / "backup.json").read_text())
        content["files"].append({"place": "../../outside", "size_bytes": 1, "sha256": "x"})
        (taken / "backup.json").write_text(json.dumps(content))

        assert "../../outside: missing" in backup.verify(taken)

    def test_asks_the_areas(self, taken, monkeypatch):
        backup.declare_check("lamps", lambda folder: ["one lamp is dark"])

        assert backup.verify(taken) == ["lamps: one lamp is dark"]


class TestPutBack:
    def test_gives_every_folder_the_rights_it_had_whatever_the_umask(self, home, tmp_path):
        (home / "secrets" / "sources" / "gw").mkdir(parents=True)
        (home / "secrets" / "sources" / "gw" / "password").write_text("water")
        for place, mode in (("secrets", 0o700), ("secrets/sources", 0o700), ("files", 0o755)):
            (home / place).mkdir(exist_ok=True)
            (home / place).chmod(mode)
        (home / "files" / "one.jpg").write_bytes(b"1")
        taken = backup.take(tmp_path / "safe")
        before = os.umask(0o000)
        try:
            taking.put_back(tmp_path / taken.folder, tmp_path / "new")
        finally:
            os.umask(before)

        def mode(place: str) -> int:
            return stat.S_IMODE((tmp_path / "new" / place).stat().st_mode)

        assert (mode("secrets"), mode("secrets/sources"), mode("files")) == (0o700, 0o700, 0o755)

    def test_shuts_the_folders_of_a_copy_that_says_nothing_of_rights(self, home, tmp_path):
        folder = tmp_path / backup.take(tmp_path / "safe").folder
        content = json.loads((folder / "backup.json").read_text())
        del content["folders"]
        (folder / "backup.json").write_text(json.dumps(content))
        taking.put_back(folder, tmp_path / "new")

        below = [one for one in (tmp_path / "new").rglob("*") if one.is_dir()]
        assert {stat.S_IMODE(one.stat().st_mode) for one in below} == {0o700}

    def test_never_writes_over_an_installation(self, home, tmp_path):
        taken = backup.take(tmp_path / "safe")

        with pytest.raises(taking.NotPossible) as refused:
            backup.put_back(tmp_path / taken.folder)
        assert refused.value.code == "backup.home_not_empty"


class TestAge:
    def test_is_told_on_the_health_page(self, home, tmp_path):
        assert [one.level for one in health.backups()] == ["warning"]

        backup.take(tmp_path / "safe")
        assert [one.level for one in health.backups()] == ["ok"]

    @pytest.mark.parametrize(("days", "level"), [(1, "ok"), (3, "warning"), (8, "failing")])
    def test_matters(self, home, tmp_path, days, level):
        backup.take(tmp_path / "safe")
        record = home / "run/latest-backup.json"
        kept = json.loads(record.read_text())
        kept["taken_at"] = (datetime.now(tz=UTC) - timedelta(days=days)).isoformat()
        record.write_text(json.dumps(kept))

        assert [one.level for one in health.backups()] == [level]
