"""One session with one OPC UA server: connect, subscribe, notice when it is gone."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asyncua import Client, ua
from asyncua.crypto import security_policies

from huoshui.connecting.peers import PeerFailed
from huoshui.connectors.opcua.nodes import WantedNode, code_of

log = logging.getLogger(__name__)

POLICIES: dict[str, Any] = {
    "Basic256Sha256": security_policies.SecurityPolicyBasic256Sha256,
    "Aes128Sha256RsaOaep": security_policies.SecurityPolicyAes128Sha256RsaOaep,
    "Aes256Sha256RsaPss": security_policies.SecurityPolicyAes256Sha256RsaPss,
}
MODES = {
    "Sign": ua.MessageSecurityMode.Sign,
    "SignAndEncrypt": ua.MessageSecurityMode.SignAndEncrypt,
}
BROWSE_NODES_MAX = 5_000
BROWSE_DEPTH = 8
SUBSCRIBE_AT_ONCE = 500


@dataclass(frozen=True)
class Options:
    """How to reach a server, and which nodes are wanted (none: all variables below ``root``)."""

    url: str
    nodes: Sequence[WantedNode] = ()
    root: str = ""
    username: str = ""
    password: str = ""
    policy: str = "none"
    mode: str = "SignAndEncrypt"
    certificate: str = ""
    key: str = ""
    server_certificate: str = ""
    publish_ms: int = 1000
    timeout_s: float = 5.0


async def connect(options: Options) -> Client:
    """Return a connected client, or raise `PeerFailed`; ends within a few time limits."""
    client = Client(options.url, timeout=options.timeout_s)
    client.name = client.description = "Huoshui"
    client.application_uri = "urn:huoshui:ingest"
    if options.username:
        client.set_user(options.username)
        client.set_password(options.password)
    try:
        if options.policy in POLICIES:
            await _secure(client, options)
        async with asyncio.timeout(3 * options.timeout_s):
            await client.connect()
    except ua.UaStatusCodeError as fault:
        refused = (
            ua.StatusCodes.BadIdentityTokenRejected,
            ua.StatusCodes.BadIdentityTokenInvalid,
            ua.StatusCodes.BadUserAccessDenied,
        )
        code = "opcua.not_let_in" if fault.code in refused else "opcua.refused"
        raise PeerFailed(code, str(fault)[:200]) from fault
    except (TimeoutError, OSError, ConnectionError) as fault:
        await _give_up(client)
        raise PeerFailed("opcua.no_answer", repr(fault)[:200]) from fault
    except (ua.UaError, ValueError, TypeError, KeyError, IndexError, AttributeError) as fault:
        await _give_up(client)
        raise PeerFailed("opcua.refused", repr(fault)[:200]) from fault
    except Exception as fault:
        # What the libraries below make of an answer that is no OPC UA at all.
        await _give_up(client)
        raise PeerFailed("opcua.no_usable_answer", repr(fault)[:200]) from fault
    return client


async def _give_up(client: Client) -> None:
    try:
        async with asyncio.timeout(2):
            client.disconnect_socket()
    except Exception:
        log.debug("The connection was gone already", exc_info=True)


async def _secure(client: Client, options: Options) -> None:
    # The library reads certificates from files only; these exist for a moment and for us alone.
    with tempfile.TemporaryDirectory(prefix="huoshui-") as folder:
        certificate, key = Path(folder, "own.pem"), Path(folder, "key.pem")
        certificate.write_text(options.certificate)
        key.touch(mode=0o600)
        key.write_text(options.key)
        server: str | None = None
        if options.server_certificate:
            server = str(Path(folder, "server.pem"))
            Path(server).write_text(options.server_certificate)
        async with asyncio.timeout(3 * options.timeout_s):
            await client.set_security(
                POLICIES[options.policy],
                certificate=certificate,
                private_key=key,
                server_certificate=server,
                mode=MODES[options.mode],
            )


async def browse(client: Client, root: str) -> list[WantedNode]:
    """Return every variable with a number below a node, at most a few thousand."""
    start = client.get_node(root) if root else client.nodes.objects
    found: list[WantedNode] = []
    seen: set[str] = set()
    level: list[Any] = [start]
    for _depth in range(BROWSE_DEPTH):
        below: list[Any] = []
        for node in level:
            for child in await node.get_children():
                name = child.nodeid.to_string()
                # Namespace 0 is the server's own diagnostics.
                if name in seen or (not root and child.nodeid.NamespaceIndex == 0):
                    continue
                seen.add(name)
                below.append(child)
                if await child.read_node_class() == ua.NodeClass.Variable:
                    found.append(WantedNode(code_of(child.nodeid), name))
            if len(found) >= BROWSE_NODES_MAX or len(seen) >= 4 * BROWSE_NODES_MAX:
                return found[:BROWSE_NODES_MAX]
        level = below
    return found
