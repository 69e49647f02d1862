"""What the product asks of this connector: judge options, try a connection, open a source."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from asyncua import ua
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from huoshui.areas.telemetry.contracts import Checked, ConnectorHealth, OptionFault, Source
from huoshui.connecting.feed import Store
from huoshui.connecting.peers import PeerFailed
from huoshui.connectors.opcua import client, session
from huoshui.connectors.opcua.nodes import read_list

SAMPLES = 5


def faults_of(source: Source) -> list[OptionFault]:
    """Return what is wrong with the address, the nodes and the certificates."""
    given = source.options
    _nodes, found = read_list(str(given.get("nodes") or ""))
    faults = [OptionFault("nodes", one.code, one.value, one.line) for one in found[:50]]
    if not str(given.get("url") or "").startswith("opc.tcp://"):
        faults.append(OptionFault("url", "options.url_wrong", str(given.get("url") or "")))
    if given.get("policy") in session.POLICIES:
        try:
            x509.load_pem_x509_certificate(str(given.get("certificate") or "").encode())
            load_pem_private_key(source.secrets.get("key", "").encode(), None)
        except (ValueError, TypeError):
            faults.append(OptionFault("certificate", "options.certificate_unreadable"))
    return faults


def options_of(source: Source) -> session.Options:
    """Return the connector's options of a source."""
    given = {name: "" if value is None else str(value) for name, value in source.options.items()}
    nodes, _faults = read_list(given.get("nodes", ""))
    return session.Options(
        url=given["url"],
        nodes=tuple(nodes),
        root=given.get("root", ""),
        username=given.get("username", ""),
        password=source.secrets.get("password", ""),
        policy=given.get("policy") or "none",
        mode=given.get("mode") or "SignAndEncrypt",
        certificate=given.get("certificate", ""),
        key=source.secrets.get("key", ""),
        server_certificate=given.get("server_certificate", ""),
        publish_ms=int(float(given.get("publish_s") or 1) * 1000),
        timeout_s=float(given.get("timeout_s") or 5),
    )


def open_source(
    source: Source, store: Store, report: Callable[[ConnectorHealth], None]
) -> client.Connector:
    """Return the connector of a source, ready to run."""
    return client.Connector(source.code, options_of(source), store, report)


def check_source(source: Source) -> Checked:
    """Connect, look around and read a few values; changes nothing in the server."""
    return asyncio.run(_check(options_of(source)))


async def _check(options: session.Options) -> Checked:
    try:
        peer = await session.connect(options)
    except PeerFailed as failed:
        return Checked(False, failed.code, failed.detail)
    samples: list[tuple[str, str]] = []
    try:
        async with asyncio.timeout(4 * options.timeout_s):
            wanted = list(options.nodes[:SAMPLES])
            if not wanted:
                wanted = (await session.browse(peer, options.root))[:SAMPLES]
            for one in wanted:
                try:
                    value = await peer.get_node(one.node_id).read_value()
                except ua.UaStatusCodeError as fault:
                    value = fault.args[0] if fault.args else "–"
                samples.append((one.point, str(value)[:40]))
    except (ua.UaError, OSError, TimeoutError) as fault:
        return Checked(False, "opcua.no_usable_answer", repr(fault)[:200])
    finally:
        await client.close(peer)
    return Checked(True, "check.good", samples=tuple(samples))
