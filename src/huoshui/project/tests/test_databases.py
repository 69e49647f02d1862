"""The operational database follows the settings."""

from pathlib import Path

import pytest

from huoshui.kernel import settings
from huoshui.project import databases


def described(**environ: str) -> dict:
    return databases.default(settings.load({"HUOSHUI_HOME": "/nowhere", **environ}))


class TestDefault:
    def test_is_the_embedded_file_with_its_measured_options(self):
        found = described()

        assert found["NAME"] == Path("/nowhere/huoshui.sqlite")
        assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
        assert "journal_mode=WAL" in found["OPTIONS"]["init_command"]
        assert found["ATOMIC_REQUESTS"] is False

    def test_reads_the_address_of_a_server(self):
        found = described(HUOSHUI_DATABASE_URL="postgresql://water:p%40ss@db.local:6543/city")

        assert (found["HOST"], found["PORT"], found["NAME"]) == ("db.local", "6543", "city")
        assert (found["USER"], found["PASSWORD"]) == ("water", "p@ss")

    def test_refuses_what_it_does_not_know(self):
        with pytest.raises(databases.UnknownDatabase, match="mysql"):
            described(HUOSHUI_DATABASE_URL="mysql://x@y/z")
