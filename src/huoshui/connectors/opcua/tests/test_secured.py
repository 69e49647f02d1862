"""Signed and encrypted sessions with a real server of the library, by real certificates."""

from __future__ import annotations

import asyncio
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asyncua import Server, ua
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from huoshui.areas.telemetry.contracts import Checked, Source
from huoshui.connectors.opcua import entry

pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def certificate(name: str, uri: str) -> tuple[str, str]:
    """Make a certificate that carries an application's address, and its key."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.UniformResourceIdentifier(uri)]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return made.public_bytes(serialization.Encoding.PEM).decode(), secret.decode()


async def tried(folder: Path, *sources: Source) -> list[Checked]:
    """Run a server that takes signed and encrypted sessions only; try each source on it."""
    own, key = certificate("plant", "urn:plant")
    (folder / "own.pem").write_text(own)
    (folder / "key.pem").write_text(key)
    server = Server()
    await server.init()
    server.set_endpoint(str(sources[0].options["url"]))
    await server.set_application_uri("urn:plant")
    server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
    await server.load_certificate(str(folder / "own.pem"))
    await server.load_private_key(str(folder / "key.pem"))
    await server.register_namespace("urn:plant")
    pump = await server.nodes.objects.add_object(ua.NodeId("P", 2), "2:P")
    await pump.add_variable(ua.NodeId("P.Flow", 2), "2:Flow", 12.5)
    async with server:
        return [await asyncio.to_thread(entry.check_source, one) for one in sources]


class TestSecured:
    def test_reads_with_a_certificate_and_is_refused_without(self, tmp_path):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            url = f"opc.tcp://127.0.0.1:{probe.getsockname()[1]}"
        own, key = certificate("huoshui", "urn:huoshui:ingest")
        plain = {"url": url, "timeout_s": 4, "nodes": "p.flow, ns=2;s=P.Flow"}
        secured = {**plain, "policy": "Basic256Sha256", "certificate": own}
        with_it = Source("scada", "opcua", "SCADA", secured, True, None, {"key": key})
        without = Source("scada", "opcua", "SCADA", plain, True, None)
        good, refused = asyncio.run(tried(tmp_path, with_it, without))

        assert entry.faults_of(with_it) == []
        assert (good.is_good, good.samples) == (True, (("p.flow", "12.5"),))
        assert (refused.is_good, refused.code) == (False, "opcua.refused")
