"""The sender dies by SIGKILL, again and again: everybody has the message, and nobody has it twice.

sender ---- claims 8 ----> gateway takes some, answers some
  X  killed                (knows each key for ever)
sender ---- finds them claimed, sends them with the same keys ---->
"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
from django.db import connection

from huoshui.areas.announcements.tests.conftest import phones, queued, set_up_sms

PEOPLE = 120
KILLS = 3


def start(home):
    """Start a sender on the town in a folder."""
    environment = {
        **os.environ,
        "HUOSHUI_HOME": str(home),
        "HUOSHUI_MESSAGE_HOSTS": "127.0.0.1",
        "HUOSHUI_SECRET_KEY": "k" * 50,
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "huoshui.areas.announcements.tests.sender"],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "begun\n"
    return process


def counted(home):
    """Return how many messages are in each state."""
    with closing(sqlite3.connect(home / "huoshui.sqlite")) as database:
        rows = database.execute("SELECT state, count(*) FROM announcements_delivery GROUP BY state")
        return dict(rows.fetchall())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.django_db(transaction=True)
def test_everybody_is_told_once_however_often_the_sender_is_killed(home, gateway):
    set_up_sms(gateway.address)
    queued(*phones(PEOPLE))
    with closing(sqlite3.connect(home / "huoshui.sqlite")) as copy:
        connection.ensure_connection()
        connection.connection.backup(copy)

    gateway.slow_s = 0.05
    for kill in range(1, KILLS + 1):
        process = start(home)
        while len(gateway.taken) < PEOPLE * kill // (KILLS + 1):
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        assert counted(home).get("sending"), "killed between two batches: nothing was proven"
    gateway.slow_s = 0.0
    process = start(home)
    assert process.wait(timeout=120) == 0
    process.stdout.close()

    assert counted(home) == {"sent": PEOPLE}
    assert len(gateway.taken) == PEOPLE
    assert sorted(one["phone"] for one in gateway.taken.values()) == sorted(
        one["phone"] for one in phones(PEOPLE)
    )
    # The proof that keys were needed: the gateway was asked more than once for some of them.
    assert max(gateway.asked.values()) > 1
