"""What the product asks of this connector: judge options, try a connection, open a source."""

from __future__ import annotations

from collections.abc import Callable

from huoshui.areas.telemetry.contracts import Checked, ConnectorHealth, OptionFault, Source
from huoshui.connecting.feed import Store
from huoshui.connectors.modbus import poller
from huoshui.connectors.modbus.registers import blocks, read_map, values_of

SAMPLES = 5


def faults_of(source: Source) -> list[OptionFault]:
    """Return what is wrong with the map of registers, line by line."""
    _registers, faults = read_map(str(source.options.get("registers") or ""))
    return [OptionFault("registers", one.code, one.value, one.line) for one in faults[:50]]


def options_of(source: Source) -> poller.Options:
    """Return the connector's options of a source."""
    given = source.options
    registers, _faults = read_map(str(given.get("registers") or ""))
    return poller.Options(
        host=str(given["host"]),
        port=int(str(given["port"])),
        registers=registers,
        device=int(str(given.get("device") or 1)),
        timeout_s=float(str(given.get("timeout_s") or 3)),
    )


def open_source(
    source: Source, store: Store, report: Callable[[ConnectorHealth], None]
) -> poller.Connector:
    """Return the connector of a source, ready to run."""
    return poller.Connector(source.code, options_of(source), store, report)


def check_source(source: Source) -> Checked:
    """Connect and read the first few points; changes nothing in the device."""
    options = options_of(source)
    peer = poller.Peer(options)
    samples: list[tuple[str, str]] = []
    try:
        peer.open()
        for block in blocks(options.registers[:SAMPLES])[:SAMPLES]:
            try:
                answer = peer.ask(block)
            except poller.NotThere:
                samples += [(one.point, "–") for one in block.registers]
            else:
                samples += [(one.point, f"{v:.6g}") for one, v in values_of(block, answer)]
    except poller.PeerFailed as failed:
        return Checked(False, failed.code, failed.detail)
    finally:
        peer.close()
    return Checked(True, "check.good", samples=tuple(samples))
