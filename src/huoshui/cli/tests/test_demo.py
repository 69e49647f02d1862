"""What the demo refuses before it starts, and what it leaves alone when it forgets."""

import argparse
import socket
import sys

import pytest

from huoshui.cli import demo, running, speaking
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


class TestStage:
    """A step of the set-up whose output goes to a file, as under ``./huoshui demo > log``."""

    @pytest.fixture
    def stage(self, home, monkeypatch, tmp_path):
        """Run a step that is this program, and return what was said."""
        monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
        real = demo.subprocess.Popen

        def run(program, capsys):
            def start(command, **given):
                return real([sys.executable, "-c", program], **given)

            monkeypatch.setattr(demo.subprocess, "Popen", start)
            demo.Demo(home, options())._stage("Making the city", "prepare")
            return capsys.readouterr().out.splitlines()

        return run

    def test_says_at_once_what_begins_and_how_long_it_took(self, stage, capsys):
        said = stage("print('@progress network', flush=True); print('for the log')", capsys)

        assert said[0] == "  Making the city ..."
        assert said[-1].startswith("  Making the city  ")
        assert len(said) == 2

    def test_says_now_and_then_how_far_it_is_in_the_words_of_the_reader(
        self, stage, capsys, monkeypatch
    ):
        monkeypatch.setattr(demo, "TOLD_EVERY_S", 0.0)

        said = stage("print('@progress network'); print('@progress 20 / 365 d')", capsys)

        assert said[1:-1] == ["    管网", "    20 / 365 d"]

    def test_has_chinese_for_what_every_stage_says(self, monkeypatch):
        monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")

        from huoshui.democity.pieces import PIECES

        assert {name for name, _piece in PIECES} <= set(demo.STEPS)
        assert [one for one in demo.STEPS if speaking.gettext(one) == one] == []
