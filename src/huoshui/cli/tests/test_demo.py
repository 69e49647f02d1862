"""What the demo refuses before it starts, and what it leaves alone when it forgets."""

import argparse
import socket

import pytest

from huoshui.cli import demo, running
from huoshui.kernel import settings


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("HUOSHUI_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def taken_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def options(**given):
    parser = argparse.ArgumentParser()
    demo.add_arguments(parser)
    parsed = parser.parse_args([])
    vars(parsed).update(given)
    return parsed


class TestDemo:
    def test_says_which_port_is_taken_and_the_way_out(self, home, taken_port):
        with pytest.raises(demo.PortInUse) as refused:
            demo.run(options(port=taken_port))

        assert str(taken_port) in refused.value.message
        assert "--port" in refused.value.next_step

    def test_does_not_touch_a_real_installation_not_even_to_reset_it(self, home):
        (home / "huoshui.sqlite").write_text("a city's real data")

        with pytest.raises(demo.NotADemo):
            demo.run(options(reset=True))

        assert (home / "huoshui.sqlite").read_text() == "a city's real data"

    @pytest.mark.parametrize("entry", ["historian", "files", "secrets"])
    def test_forgets_nothing_where_it_never_was(self, home, entry):
        """A city with a database server has no SQLite file, and many folders are called files."""
        (home / entry).mkdir()

        with pytest.raises(demo.NotADemo):
            demo.run(options(reset=True))

        assert (home / entry).is_dir()

    def test_never_works_on_the_database_of_a_real_installation(self, home, monkeypatch):
        monkeypatch.setenv("HUOSHUI_DATABASE_URL", "postgresql://city/huoshui")

        environment = demo.Demo(home, options())._parts._environment

        assert settings.load(environment).database_url == ""

    def test_runs_once_at_a_time_on_one_home(self, home):
        holding = running.only_one(home / "run" / "demo.lock", "demo")
        with holding, pytest.raises(running.AlreadyRunning):
            demo.run(options())

    def test_forgets_its_own_things_only(self, home):
        (home / demo.MARK).write_text("{}")
        (home / "huoshui.sqlite").write_text("old")
        (home / "historian").mkdir()
        (home / "historian" / "journal.sqlite").write_text("old")
        (home / "holiday.jpg").write_text("mine")

        demo.forget(home)

        assert [entry.name for entry in home.iterdir()] == ["holiday.jpg"]
