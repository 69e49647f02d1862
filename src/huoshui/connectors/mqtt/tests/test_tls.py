"""Encrypted connections to a real Mosquitto that asks for a client certificate."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import orjson
import paho.mqtt.client as paho
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from paho.mqtt.enums import CallbackAPIVersion

from huoshui.areas.telemetry.contracts import Source
from huoshui.connecting.tests.keeping import Store, Working, eventually
from huoshui.connectors.mqtt import client, entry, schema
from huoshui.connectors.mqtt.tests.conftest import MOSQUITTO, Broker

Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def certificate(name: str, signer: Pair | None = None) -> Pair:
    """Make a key and its certificate, signed by an authority or by itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer[0].subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False
        )
    )
    return builder.sign(signer[1] if signer else key, hashes.SHA256()), key


def pem(one: Pair) -> tuple[str, str]:
    key = one[1].private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return one[0].public_bytes(serialization.Encoding.PEM).decode(), key.decode()


class SecureBroker(Broker):
    """A Mosquitto that speaks TLS only and lets in whom the authority signed."""

    def __init__(self, folder: Path, authority: Pair) -> None:
        super().__init__(folder)
        own, key = pem(certificate("broker", authority))
        for name, text in (("ca", pem(authority)[0]), ("own", own), ("key", key)):
            (folder / f"{name}.pem").write_text(text)
            (folder / f"{name}.pem").chmod(0o644)
        folder.chmod(0o755)
        self._config.write_text(
            f"listener {self.port} 127.0.0.1\nallow_anonymous true\nrequire_certificate true\n"
            f"cafile {folder}/ca.pem\ncertfile {folder}/own.pem\nkeyfile {folder}/key.pem\n"
            "user root\n"
        )


@pytest.fixture(scope="module")
def authority() -> Pair:
    return certificate("Test authority")


@pytest.fixture
def secure(tmp_path: Path, authority: Pair) -> Iterator[SecureBroker]:
    if MOSQUITTO is None:
        pytest.skip("no mosquitto on this machine; apt install mosquitto to run these tests")
    one = SecureBroker(tmp_path, authority)
    try:
        one.start()
    except (AssertionError, subprocess.SubprocessError):
        one.stop()
        raise
    yield one
    one.stop()


def source(port: int, authority: Pair, signer: Pair | None, **options: object) -> Source:
    own, key = pem(certificate("huoshui", signer)) if signer else ("", "")
    given = {
        "host": "127.0.0.1", "port": port, "tls": True, "ca": pem(authority)[0],
        "certificate": own, "form": "plain", "topic": "huoshui/+/readings", **options,
    }  # fmt: skip
    secrets = {"key": key} if key else {}
    return Source("gw", "mqtt", "Gateway", given, True, datetime.now(UTC), secrets)


def publish(one: Source, topic: str, body: bytes) -> None:
    peer = paho.Client(CallbackAPIVersion.VERSION2)
    tls = entry.tls_of(one)
    assert tls is not None
    peer.tls_set_context(tls)
    peer.connect("127.0.0.1", int(str(one.options["port"])))
    peer.loop_start()
    peer.publish(topic, body, qos=1).wait_for_publish(10)
    peer.disconnect()
    peer.loop_stop()


READING = orjson.dumps(
    {"readings": [{"point": "p.flow", "at": "2026-03-01T08:00:00Z", "value": 12.5}]}
)


class TestEncrypted:
    @pytest.mark.parametrize("version", ["3.1.1", "5"])
    def test_brings_readings_with_a_client_certificate(self, secure, authority, version):
        one = source(secure.port, authority, authority, version=version)
        store = Store("p.flow")
        with Working(entry.open_source(one, store, store.report)) as work:
            eventually(lambda: work.connector.health.state == "connected")
            publish(one, "huoshui/any/readings", READING)
            eventually(lambda: store.values("p.flow") == [12.5])

    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    def test_is_refused_without_a_certificate_and_says_so(self, secure, authority):
        one = source(secure.port, authority, None)
        store = Store()
        with Working(entry.open_source(one, store, store.report)) as work:
            eventually(lambda: work.connector.health.state == "disconnected")

        assert not entry.check_source(one).is_good

    # The MQTT library leaves the socket of a failed handshake to the garbage collector.
    @pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
    def test_refuses_a_broker_of_another_authority(self, secure, authority):
        other = certificate("Another authority")
        one = source(secure.port, other, authority)
        found = entry.check_source(one)

        assert (found.is_good, found.code) == (False, "broker.not_trusted")
        store = Store()
        with Working(entry.open_source(one, store, store.report)) as work:
            eventually(lambda: work.connector.health.report().note == "broker.not_trusted")

    def test_does_not_blame_encryption_where_nobody_answers(self, authority):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            one = source(probe.getsockname()[1], authority, authority)
        store = Store()
        with Working(entry.open_source(one, store, store.report)) as work:
            eventually(lambda: work.connector.health.report().note == "broker.no_answer")

        assert entry.check_source(one).code == "broker.no_answer"

    def test_carries_sparkplug_and_the_request_for_rebirth(self, secure, authority):
        one = source(secure.port, authority, authority, form="sparkplug", topic="")
        store = Store("n1/flow")
        options = replace(entry.options_of(one), client_id="huoshui-sp")
        asked: list[str] = []
        node = paho.Client(CallbackAPIVersion.VERSION2)
        node.tls_set_context(entry.tls_of(one))
        node.on_connect = lambda c, *_more: c.subscribe("spBv1.0/g/NCMD/n1")
        node.on_message = lambda c, d, message: asked.append(message.topic)
        node.connect("127.0.0.1", secure.port)
        node.loop_start()
        work = client.Connector(options, store, report=store.report, name="gw")
        with Working(work):
            eventually(lambda: work.health.state == "connected")
            data = schema.Payload(timestamp=1_772_323_200_000, seq=3)
            data.metrics.add(alias=1, float_value=2.0)
            publish(one, "spBv1.0/g/NDATA/n1", data.SerializeToString())
            eventually(lambda: asked == ["spBv1.0/g/NCMD/n1"])
            birth = schema.Payload(timestamp=1_772_323_200_000, seq=0)
            birth.metrics.add(name="flow", alias=1, datatype=9, float_value=2.5)
            publish(one, "spBv1.0/g/NBIRTH/n1", birth.SerializeToString())
            eventually(lambda: store.values("n1/flow") == [2.5])
        node.disconnect()
        node.loop_stop()


class TestOptions:
    def test_says_what_is_wrong_with_certificates(self, authority):
        broken = source(1, authority, authority, certificate="rubbish")
        without = source(1, authority, None, certificate="x")

        assert {one.code for one in entry.faults_of(broken)} == {"options.certificate_unreadable"}
        assert "options.certificate_without_key" in {o.code for o in entry.faults_of(without)}
