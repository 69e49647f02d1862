"""A broker that is restarted while it delivers to a writer that is killed now and then."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import orjson

from huoshui.areas.telemetry import contracts, ingest
from huoshui.areas.telemetry.store import readers
from huoshui.areas.telemetry.tests import killed

MOSQUITTO = shutil.which("mosquitto") or shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin")
BATCHES_PER_MOMENT = 60
POINTS = 5


class Broker:
    """A Mosquitto that keeps what it was given when it is stopped."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self._config = folder / "mosquitto.conf"
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\npersistence true\n"
            f"persistence_location {folder}/\nmax_queued_messages 1000000\n"
            "max_inflight_messages 0\n" + ("user root\n" if os.geteuid() == 0 else "")
        )
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and return when it answers."""
        self._process = subprocess.Popen(
            [str(MOSQUITTO), "-c", str(self._config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        for _ in range(500):
            with contextlib.suppress(OSError):
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return
            time.sleep(0.02)
        raise TimeoutError("Mosquitto did not answer within 10 s")

    def stop(self) -> None:
        """Stop it; it writes down its sessions."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait(20)


class TellingStore:
    """The historian as the connector sees it; tells the parent what it has acknowledged."""

    def __init__(self, historian: ingest.Historian) -> None:
        self.historian = historian

    def id_of(self, source: str, code: str) -> int:
        """Return the number in "p7.pressure"."""
        return int(code.removeprefix("p").partition(".")[0])

    def keep_unknown(self, readings: object) -> None:
        """Nothing here is unknown."""

    def accept_many(self, batches: Sequence[contracts.Batch]) -> list[contracts.Receipt]:
        """Store, then tell."""
        receipts = self.historian.accept_many(batches)
        for batch in batches:
            os.write(1, "".join(f"{int(k)}\n" for k in np.unique(batch.value)).encode())
        return receipts


def child(folder: Path, port: int) -> None:
    """Run the product's connector on the product's store until killed."""
    from huoshui.connectors.mqtt import client

    historian = killed.open_historian(folder)

    def upkeep() -> None:
        while True:
            historian.flush()
            historian.upkeep(quiet_s=0.0, files_max=2)
            time.sleep(0.05)

    threading.Thread(target=upkeep, daemon=True).start()
    options = client.Options(
        host="127.0.0.1",
        port=port,
        client_id="crash",
        retry_s_max=0.5,
        reconnect_s_min=0.1,
        reconnect_s_max=0.2,
    )
    client.Connector(options, TellingStore(historian)).run()


def payload(k: int) -> bytes:
    """Return message ``k``: some points at a moment that no other message has."""
    at = contracts.from_us(killed.BASE_US + k * killed.STEP_US).isoformat()
    return orjson.dumps(
        {
            "readings": [
                {"point": f"p{number}.pressure", "at": at, "value": float(k)}
                for number in range(1, POINTS + 1)
            ]
        }
    )


class Writer:
    """The child process, and what it has told."""

    def __init__(self, folder: Path, port: int, told: set[int], repeated: list[int]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.crash_broker", str(folder), str(port)],
            stdout=subprocess.PIPE,
        )
        self._told, self._repeated = told, repeated
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            if line.endswith(b"\n"):
                if int(line) in self._told:
                    self._repeated.append(int(line))
                self._told.add(int(line))

    def kill(self) -> None:
        """Kill it and return when everything it said was heard."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()


def run(folder: Path, moments: int, chance: random.Random) -> dict[str, int]:
    """Restart the broker at ``moments`` random moments, killing the writer at a third of them."""
    broker, store = Broker(folder / "broker"), folder / "historian"
    broker.start()
    told: set[int] = set()
    repeated: list[int] = []
    writer = Writer(store, broker.port, told, repeated)
    publisher = Publisher(broker.port)
    # Before the writer has subscribed the broker keeps nothing for it.
    for _ in range(100):
        publisher.send([0])
        publisher.wait()
        if told:
            break
        time.sleep(0.2)
    repeated.clear()
    k, kills = 1, 0
    try:
        for number in range(moments):
            publisher.send(range(k, k + BATCHES_PER_MOMENT))
            k += BATCHES_PER_MOMENT
            time.sleep(chance.random() * 0.2)
            killing = number % 3 == 0
            if killing:
                writer.kill()
                kills += 1
            broker.stop()
            time.sleep(chance.random() * 0.1)
            broker.start()
            if killing:
                writer = Writer(store, broker.port, told, repeated)
            publisher.wait()
        _until(lambda: len(told) == k, 60)
    finally:
        writer.kill()
        publisher.close()
        broker.stop()
    return {
        "moments_broker_restarted": moments,
        "moments_broker_restarted_and_killed": kills,
        "messages_sent": k,
        "messages_sent_again_by_the_broker": len(repeated),
        "wrong_messages_never_acknowledged": k - len(told),
        **_checked(store, sorted(told)),
    }


class Publisher:
    """A device that sends with QoS 1 and sends again what the broker did not confirm."""

    def __init__(self, port: int) -> None:
        import paho.mqtt.client as paho
        from paho.mqtt.enums import CallbackAPIVersion

        self.client = paho.Client(CallbackAPIVersion.VERSION2, "device", clean_session=False)
        self.client.max_queued_messages_set(0)
        # Whole seconds by its types, any number by its code.
        self.client.reconnect_delay_set(0.1, 0.1)  # type: ignore[arg-type]
        self.confirmed: set[int] = set()
        self.client.on_publish = lambda _c, _u, mid, *_: self.confirmed.add(mid)
        self.client.connect("127.0.0.1", port)
        self.client.loop_start()
        self._sent: list[int] = []

    def send(self, numbers: Iterable[int]) -> None:
        """Publish these messages; without a connection they wait for it."""
        topic = "huoshui/crash/readings"
        self._sent = [self.client.publish(topic, payload(k), 1).mid for k in numbers]

    def wait(self) -> None:
        """Return when the broker has confirmed them all."""
        _until(lambda: self.confirmed.issuperset(self._sent), 30)
        # Numbers of messages begin again after 65,535.
        self.confirmed.clear()

    def close(self) -> None:
        """Stop sending."""
        self.client.disconnect()
        self.client.loop_stop()


def _checked(store: Path, told: list[int]) -> dict[str, int]:
    historian = killed.open_historian(store)
    while historian.flush():
        pass
    historian.close()
    numbers = list(range(1, POINTS + 1))
    found = readers.Reader(store).readings(numbers, killed.BASE_US, killed.NOW_US)
    wrong = 0
    expected = killed.BASE_US + np.array(told) * killed.STEP_US
    for part in found.values():
        kept = dict(zip(part.at_us.tolist(), part.value.tolist(), strict=True))
        wrong += sum(
            kept.get(at) != float(k) for at, k in zip(expected.tolist(), told, strict=True)
        )
        wrong += len(part) != len(kept)
    return {"wrong_messages": wrong}


def _until(condition: Callable[[], bool], seconds: float) -> None:
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.02)


if __name__ == "__main__":
    child(Path(sys.argv[1]), int(sys.argv[2]))
