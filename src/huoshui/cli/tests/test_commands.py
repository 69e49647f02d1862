"""What the commands make, print and refuse."""

import asyncio
import os
import signal
import socket
import stat
import subprocess
import sys

import pytest

from huoshui.cli import audit as audit_command
from huoshui.cli import running, setup, web
from huoshui.cli.main import GROUPS, main
from huoshui.kernel import audit, settings
from huoshui.kernel.accounts.models import User
from huoshui.kernel.audit.models import AuditHead


class TestMain:
    def test_names_every_command(self, capsys):
        with pytest.raises(SystemExit):
            main(["--help"])

        told = capsys.readouterr().out
        assert all(name in told for name, _module, _summary in GROUPS)

    def test_refuses_a_command_that_does_not_exist(self, capsys):
        with pytest.raises(SystemExit) as end:
            main(["dance"])

        assert end.value.code == 2

    def test_tells_a_refusal_in_words_without_a_traceback(self, capsys, db):
        assert main(["users", "password", "nobody"]) == 2

        told = capsys.readouterr().err
        assert "nobody" in told
        assert len(told.splitlines()) == 2  # what is wrong, and what to do

    @pytest.mark.parametrize(("set_to", "expected"), [(None, "1"), ("3", "3")])
    def test_keeps_to_one_thread_before_numpy_is_loaded(self, set_to, expected):
        program = (
            "import os, sys; from huoshui.cli.main import main; early = 'numpy' in sys.modules\n"
            "try: main(['leaks', 'detect', '--help'])\n"
            "except SystemExit: print('said', early, os.environ['OPENBLAS_NUM_THREADS'])"
        )
        rest = {name: value for name, value in os.environ.items() if "THREADS" not in name}
        chosen = {} if set_to is None else {"OPENBLAS_NUM_THREADS": set_to}

        told = subprocess.run(
            [sys.executable, "-c", program],
            env=rest | chosen, capture_output=True, text=True, check=True,
        )  # fmt: skip

        assert told.stdout.splitlines()[-1] == f"said False {expected}"


class TestReaderThatLeaves:
    @pytest.mark.parametrize("unbuffered", ["", "1"])
    def test_ends_the_command_without_a_traceback(self, unbuffered):
        # The reader is gone before the first word, as after `| head -0`.
        read, write = os.pipe()
        os.close(read)
        try:
            ended = subprocess.run(
                [sys.executable, "-m", "huoshui.cli", "docs", "settings"],
                stdout=write,
                stderr=subprocess.PIPE,
                env=os.environ
                | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": unbuffered},
                check=False,
            )
        finally:
            os.close(write)

        assert ended.stderr == b""
        assert ended.returncode == 141

    def test_does_not_hide_a_pipe_that_broke_elsewhere(self, monkeypatch):
        def broken(options):
            raise BrokenPipeError

        monkeypatch.setattr(audit_command, "run", broken)
        with pytest.raises(BrokenPipeError):
            main(["audit", "verify"])


class TestMakeSecrets:
    def test_makes_long_random_ones_that_only_their_owner_reads(self, tmp_path):
        assert setup.make_secrets(tmp_path) == ["secret_key", "mqtt_password", "telephony_secret"]

        made = [tmp_path / "secrets" / name for name in setup.SECRETS]
        assert len({path.read_text() for path in made}) == 3
        assert all(len(path.read_text()) >= 40 for path in made)
        assert {stat.S_IMODE(path.stat().st_mode) for path in made} == {0o600}
        assert stat.S_IMODE((tmp_path / "secrets").stat().st_mode) == 0o700

    def test_never_replaces_one(self, tmp_path):
        setup.make_secrets(tmp_path)
        before = (tmp_path / "secrets" / "secret_key").read_text()

        assert setup.make_secrets(tmp_path) == []
        kept = {path.name for path in (tmp_path / "secrets").iterdir()}
        assert kept == {"secret_key", "mqtt_password", "telephony_secret"}
        assert (tmp_path / "secrets" / "secret_key").read_text() == before

    def test_makes_what_the_settings_then_read(self, tmp_path):
        setup.make_secrets(tmp_path)

        found = settings.load({"HUOSHUI_HOME": str(tmp_path)})

        assert found.secret_key is not None
        assert found.mqtt_password is not None


class TestWeb:
    def test_says_clearly_that_a_port_is_in_use(self):
        with socket.socket() as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]

            with pytest.raises(web.PortInUse, match=str(port)):
                web.listen("127.0.0.1", port)

    @pytest.mark.parametrize(("behind_proxy", "seen"), [(False, "127.0.0.1"), (True, "9.9.9.9")])
    def test_believes_a_forwarded_address_only_behind_a_proxy(self, behind_proxy, seen):
        """The lock-out counts by address: whoever may invent one is never locked out."""
        clients = []

        async def application(scope, receive, send):
            clients.append(scope["client"][0])

        config = web.server_of(application, behind_proxy=behind_proxy).config
        config.load()
        forwarded = [(b"x-forwarded-for", b"9.9.9.9")]
        scope = {"type": "http", "client": ("127.0.0.1", 5), "headers": forwarded}
        asyncio.run(config.loaded_app(scope, None, None))

        assert clients == [seen]

    def test_does_not_start_without_a_lasting_secret(self, monkeypatch, capsys):
        found = settings.get().model_copy(update={"secret_key": None})
        monkeypatch.setattr(settings, "get", lambda: found)

        assert main(["web"]) == 2
        assert "setup" in capsys.readouterr().err


class TestRunning:
    def test_lets_only_one_work_on_a_home(self, tmp_path):
        lock = tmp_path / "run" / "worker.lock"
        first = running.only_one(lock, "worker")
        first.__enter__()
        with pytest.raises(running.AlreadyRunning), running.only_one(lock, "worker"):
            pass
        first.__exit__(None, None, None)

        with running.only_one(lock, "worker"):
            pass

    @pytest.fixture
    def handlers(self):
        names = (signal.SIGTERM, signal.SIGINT)
        before = [signal.getsignal(name) for name in names]
        yield
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)

    def test_stops_in_order_at_the_first_signal_and_at_once_at_the_second(self, handlers):
        stop = running.stop_on_signals()

        signal.raise_signal(signal.SIGTERM)

        assert stop.is_set()
        with pytest.raises(SystemExit):
            signal.raise_signal(signal.SIGTERM)

    def test_leaves_ctrl_c_to_a_supervisor_that_takes_care_of_it(self, handlers):
        signal.signal(signal.SIGINT, signal.SIG_IGN)

        running.stop_on_signals()

        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


class TestDocs:
    def test_prints_the_settings(self, capsys, tmp_path):
        assert main(["docs", "settings"]) == 0
        assert "`HUOSHUI_MQTT_PORT`" in capsys.readouterr().out

        main(["docs", "settings", "--write", str(tmp_path / "a" / "settings.md")])
        assert (tmp_path / "a" / "settings.md").read_text("utf-8") == settings.reference()


@pytest.mark.django_db
class TestUsers:
    def test_adds_a_user_whose_password_is_shown_once(self, capsys):
        assert main(["users", "add", "wang", "--name", "Wang", "--post", "crew"]) == 0

        password = capsys.readouterr().out.split("Password: ")[1].strip()
        assert User.objects.get(username="wang").check_password(password)

    def test_lists_users_with_their_posts(self, capsys):
        main(["users", "add", "wang", "--name", "Wang", "--post", "crew"])
        main(["users", "give", "wang", "viewer"])
        main(["users", "end", "wang", "crew"])
        main(["users", "deactivate", "wang"])
        capsys.readouterr()

        main(["users", "list"])

        assert capsys.readouterr().out == "wang\tWang\tviewer (inactive)\n"


@pytest.mark.django_db
class TestAudit:
    def test_is_content_with_an_unbroken_trail(self, capsys):
        audit.record(None, "tests.deed", "thing:1", {})

        assert main(["audit", "verify"]) == 0
        assert "1 records, unbroken" in capsys.readouterr().out

    def test_fails_loudly_when_the_end_was_moved(self, capsys):
        audit.record(None, "tests.deed", "thing:1", {})
        AuditHead.objects.update(sequence=2)

        assert main(["audit", "verify"]) == 1
        assert "cut off" in capsys.readouterr().out


@pytest.mark.django_db
class TestTokens:
    def test_are_made_listed_and_revoked(self, capsys):
        main(["users", "service", "scada", "--name", "SCADA", "--post", "viewer"])
        made = ["users", "token", "make", "scada", "--name", "Gateway", "--allow", "network.read"]
        assert main(made) == 0
        secret = capsys.readouterr().out.split()[-1]

        main(["users", "token", "list"])
        line = capsys.readouterr().out
        assert secret[:11] in line
        assert secret not in line
        assert "network.read" in line
        assert main(["users", "token", "revoke", secret[:11]]) == 0
        main(["users", "token", "list"])
        assert "revoked" in capsys.readouterr().out

    def test_never_exceed_their_owner(self, capsys):
        main(["users", "service", "scada", "--post", "viewer"])

        assert main(["users", "token", "make", "scada", "--allow", "accounts.manage"]) == 2
        assert "accounts.manage" in capsys.readouterr().err


@pytest.mark.django_db
class TestSecondFactor:
    def test_is_removed_for_who_lost_their_phone(self, capsys):
        main(["users", "add", "wang", "--post", "viewer"])
        capsys.readouterr()

        assert main(["users", "reset-second-factor", "wang"]) == 0
        assert "there was no second factor" in capsys.readouterr().out
