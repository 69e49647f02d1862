"""What the product asks of this connector: judge options, try a connection, open a source."""

from __future__ import annotations

import contextlib
import ssl
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from huoshui.areas.telemetry.contracts import Checked, ConnectorHealth, OptionFault, Source
from huoshui.connecting.feed import Store
from huoshui.connectors.mqtt import client, reading, sparkplug
from huoshui.connectors.mqtt.reading import MappedReader, Places, PlainReader, Reader

CHECK_S = 6.0


def faults_of(source: Source) -> list[OptionFault]:
    """Return what is wrong with the options, beyond what the manifest says of each."""
    faults = []
    given = {name: str(value) for name, value in source.options.items()}
    if given.get("form") == "mapped":
        if not given.get("topic"):
            faults.append(OptionFault("topic", "options.topic_missing"))
        try:
            reading.topic_pattern(given.get("topic", ""))
        except ValueError:
            faults.append(OptionFault("topic", "options.topic_wrong", given["topic"]))
        try:
            ZoneInfo(given.get("zone", ""))
        except (KeyError, ValueError, OSError):
            faults.append(OptionFault("zone", "options.zone_unknown", given.get("zone", "")))
    if bool(given.get("certificate")) != bool(source.secrets.get("key")):
        faults.append(OptionFault("certificate", "options.certificate_without_key"))
    try:
        tls_of(source)
    except (ssl.SSLError, ValueError):
        faults.append(OptionFault("ca", "options.certificate_unreadable"))
    return faults


def tls_of(source: Source) -> ssl.SSLContext | None:
    """Return how to encrypt, or None for a plain connection."""
    if not source.options.get("tls"):
        return None
    ca = str(source.options.get("ca") or "")
    context = ssl.create_default_context(cadata=ca or None)
    certificate, key = str(source.options.get("certificate") or ""), source.secrets.get("key", "")
    if certificate and key:
        # Python reads a key from files only; these exist for a moment and for us alone.
        with tempfile.TemporaryDirectory(prefix="huoshui-") as folder:
            cert_file, key_file = Path(folder, "cert.pem"), Path(folder, "key.pem")
            cert_file.write_text(certificate)
            key_file.touch(mode=0o600)
            key_file.write_text(key)
            context.load_cert_chain(cert_file, key_file, password=_no_password)
    return context


def _no_password() -> str:
    # Without this a key with a password would ask at the terminal, and wait there for ever.
    return ""


def options_of(source: Source) -> client.Options:
    """Return the connector's options of a source."""
    given = source.options
    form = str(given.get("form") or "plain")
    topic = str(given.get("topic") or "")
    topics = {
        "plain": topic or "huoshui/+/readings",
        "mapped": reading.topic_filter(topic),
        "sparkplug": topic or f"{sparkplug.NAMESPACE}/#",
    }
    return client.Options(
        host=str(given["host"]),
        port=int(str(given["port"])),
        username=str(given.get("username") or ""),
        password=source.secrets.get("password", ""),
        client_id=str(given.get("client_id") or f"huoshui-{source.code}"),
        topics=(topics[form],),
        version=str(given.get("version") or "3.1.1"),
        tls=tls_of(source),
        reader=_reader_of(source, form, topic),
    )


def _reader_of(source: Source, form: str, topic: str) -> Callable[[], Reader]:
    given = {name: str(value) for name, value in source.options.items() if value is not None}
    if form == "sparkplug":
        template = given.get("code") or "{node}/{device}/{metric}"
        return lambda: sparkplug.SparkplugReader(source.code, template)
    if form == "mapped":
        places = Places(
            topic=topic,
            code=given.get("code") or "{key}",
            items=given.get("items", ""),
            values=given.get("values", ""),
            key=given.get("key_path", ""),
            value=given.get("value", ""),
            at=given.get("at", ""),
            quality=given.get("quality", ""),
            zone=given.get("zone") or "Asia/Shanghai",
        )
        return lambda: MappedReader(source.code, places)
    # The broker of the settings carries many senders, each with a level of the topic.
    return lambda: PlainReader("" if source.changed_at is None else source.code)


def open_source(
    source: Source, store: Store, report: Callable[[ConnectorHealth], None]
) -> client.Connector:
    """Return the connector of a source, ready to run."""
    return client.Connector(options_of(source), store, report=report, name=source.code)


def check_source(source: Source) -> Checked:
    """Connect, subscribe and listen a few seconds under another name; changes nothing."""
    try:
        options = options_of(source)
    except (ssl.SSLError, ValueError, KeyError) as fault:
        return Checked(False, "options.certificate_unreadable", str(fault)[:200])
    seen: list[tuple[str, str]] = []
    outcome: dict[str, Any] = {}
    done = threading.Event()
    peer = paho.Client(
        CallbackAPIVersion.VERSION2,
        protocol=(
            MQTTProtocolVersion.MQTTv5 if options.version == "5" else MQTTProtocolVersion.MQTTv311
        ),
    )

    def on_connect(one: paho.Client, _data: Any, _flags: Any, reason: Any, _more: Any) -> None:
        outcome["reason"] = reason
        if reason.is_failure:
            done.set()
        else:
            one.subscribe([(topic, 0) for topic in options.topics])

    def on_message(_client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
        with contextlib.suppress(UnicodeDecodeError):
            seen.append((message.topic[:120], f"{len(message.payload)} B"))
        if len(seen) >= 5:
            done.set()

    def on_subscribe(_client: paho.Client, _data: Any, _mid: int, reasons: Any, _m: Any) -> None:
        outcome["refused"] = client.refused_topics(options.topics, reasons)
        if outcome["refused"]:
            done.set()

    peer.on_connect, peer.on_message, peer.on_subscribe = on_connect, on_message, on_subscribe
    peer.connect_timeout = CHECK_S
    if options.username:
        peer.username_pw_set(options.username, options.password)
    if options.tls is not None:
        peer.tls_set_context(options.tls)
    try:
        peer.connect(options.host, options.port, 10)
    except OSError as fault:
        return Checked(False, client.unreached(fault), str(fault)[:200])
    peer.loop_start()
    done.wait(CHECK_S)
    peer.disconnect()
    peer.loop_stop()
    reason = outcome.get("reason")
    if reason is None:
        return Checked(False, "broker.no_answer")
    if reason.is_failure:
        let_in = reason.value not in client.NOT_LET_IN
        return Checked(False, "broker.refused" if let_in else "broker.not_let_in", str(reason))
    if outcome.get("refused"):
        topic, why = outcome["refused"][0]
        return Checked(False, client.NOT_SUBSCRIBED, f"{topic}: {why}"[:200])
    return Checked(True, "check.good" if seen else "check.good_no_message", samples=tuple(seen))
