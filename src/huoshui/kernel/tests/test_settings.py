"""Settings are read from environment, file and secrets, and everything doubtful is refused."""

from pathlib import Path

import pytest

from huoshui.kernel import settings

SECRET = "s" * 48


def load(tmp_path: Path, **environ: str) -> settings.Settings:
    return settings.load({"HUOSHUI_HOME": str(tmp_path), **environ})


def problems_of(tmp_path: Path, **environ: str) -> str:
    with pytest.raises(settings.SettingsRefused) as refused:
        load(tmp_path, **environ)
    return "\n".join(refused.value.data["problems"])


class TestLoad:
    def test_is_safe_without_any_setting(self, tmp_path):
        found = load(tmp_path)

        assert (found.demo, found.debug, found.secret_key) == (False, False, None)
        assert found.host == "127.0.0.1"

    def test_names_the_nearest_known_setting(self, tmp_path):
        assert "did you mean mqtt_port?" in problems_of(tmp_path, HUOSHUI_MQTT_PROT="1")

    def test_refuses_work_that_ends_before_it_begins(self, tmp_path):
        found = problems_of(tmp_path, HUOSHUI_WORK_FROM="09:00", HUOSHUI_WORK_UNTIL="08:00")

        assert "work_until 08:00 is not after work_from 09:00" in found

    @pytest.mark.parametrize("word", ["maybe", "2", "", "truee"])
    def test_refuses_a_switch_that_is_neither_true_nor_false(self, tmp_path, word):
        assert "neither true nor false" in problems_of(tmp_path, HUOSHUI_DEBUG=word)

    @pytest.mark.parametrize(
        ("word", "meaning"), [("true", True), ("ON", True), ("0", False), ("No", False)]
    )
    def test_reads_the_words_of_a_switch(self, tmp_path, word, meaning):
        assert load(tmp_path, HUOSHUI_DEMO=word).demo is meaning

    def test_reports_all_problems_at_once(self, tmp_path):
        told = problems_of(tmp_path, HUOSHUI_PORT="70000", HUOSHUI_TIME_ZONE="Mars/Base")

        assert "port" in told
        assert "Mars/Base" in told

    def test_reads_a_secret_from_the_file_it_is_pointed_to(self, tmp_path):
        (tmp_path / "key").write_text(f"{SECRET}\n")

        found = load(tmp_path, HUOSHUI_SECRET_KEY_FILE=str(tmp_path / "key"))

        assert found.secret_key is not None
        assert found.secret_key.get_secret_value() == SECRET

    def test_reads_a_secret_from_the_home_folder(self, tmp_path):
        (tmp_path / "secrets").mkdir()
        (tmp_path / "secrets" / "mqtt_password").write_text("hush")

        found = load(tmp_path)

        assert found.mqtt_password is not None
        assert found.mqtt_password.get_secret_value() == "hush"

    def test_never_shows_a_secret(self, tmp_path):
        assert SECRET not in repr(load(tmp_path, HUOSHUI_SECRET_KEY=SECRET))

    def test_refuses_a_short_secret_without_repeating_it(self, tmp_path):
        told = problems_of(tmp_path, HUOSHUI_SECRET_KEY="hunter2")

        assert "secret_key" in told
        assert "hunter2" not in told

    def test_says_which_secret_file_is_missing(self, tmp_path):
        assert "/nowhere" in problems_of(tmp_path, HUOSHUI_SECRET_KEY_FILE="/nowhere")

    def test_reads_the_file_in_the_home_folder_below_the_environment(self, tmp_path):
        (tmp_path / "huoshui.toml").write_text('port = 9000\nmqtt_host = "broker"\n')

        found = load(tmp_path, HUOSHUI_PORT="9001")

        assert (found.port, found.mqtt_host) == (9001, "broker")

    def test_refuses_unknown_names_in_the_file_too(self, tmp_path):
        (tmp_path / "huoshui.toml").write_text("prot = 9000\n")

        assert "did you mean port?" in problems_of(tmp_path)

    def test_refuses_a_file_that_is_not_toml(self, tmp_path):
        (tmp_path / "huoshui.toml").write_text("port: 9000")

        assert "huoshui.toml" in problems_of(tmp_path)


class TestReference:
    def test_has_a_line_for_every_setting(self):
        page = settings.reference()

        for name in settings.Settings.model_fields:
            assert f"| `{name}` | `HUOSHUI_{name.upper()}` |" in page

    def test_every_setting_says_what_it_means(self):
        assert all(field.description for field in settings.Settings.model_fields.values())
