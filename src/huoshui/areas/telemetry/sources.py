"""Which connectors there are, which sources are set up, and what both are called.

A connector describes itself in its ``manifest.json``: its options, from which the form is made,
and the words for whatever it may report. The project lists the connectors (``CONNECTORS``), because
an area does not import them.
"""

from __future__ import annotations

import functools
import importlib
import importlib.resources
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

import orjson
from django.conf import settings as django_settings
from django.db.models import Count, Max
from django.utils import translation

from huoshui.areas.telemetry import contracts, models
from huoshui.areas.telemetry.receiving import SentName
from huoshui.kernel import settings

SECRET_TYPES = frozenset({"secret", "secret_text"})
# What the settings of the installation describe, without a row of its own.
BUILT_IN = "mqtt"


class Running(Protocol):
    """A connector at work on one source."""

    def run(self) -> None:
        """Work in the calling thread until ``stop``."""
        ...

    def stop(self) -> None:
        """End ``run`` soon; safe from any thread and twice."""
        ...


class Manifest:
    """What a connector says about itself."""

    def __init__(self, package: str) -> None:
        text = importlib.resources.files(package).joinpath("manifest.json").read_bytes()
        self.facts: Mapping[str, Any] = orjson.loads(text)
        self.package = package
        self.name: str = self.facts["name"]
        self.options: list[dict[str, Any]] = self.facts.get("options", [])

    @property
    def title(self) -> str:
        """The connector's name in the reader's language."""
        return spoken(self.facts["title"])

    @property
    def defaults(self) -> dict[str, object]:
        """The value of every option that has one without being asked."""
        return {one["name"]: one["default"] for one in self.options if "default" in one}

    @property
    def secret_names(self) -> list[str]:
        """The options that are kept as files and never shown again."""
        return [one["name"] for one in self.options if one["type"] in SECRET_TYPES]

    def leads_elsewhere(self, before: Mapping[str, object], after: Mapping[str, object]) -> bool:
        """Tell whether a change of options sends kept secrets to somebody else, or less guarded.

        The options that say so are marked ``leads_to`` in the manifest.
        """

        def given(options: Mapping[str, object], name: str) -> str:
            value = options.get(name, self.defaults.get(name))
            words = "" if value is None or value is False else str(value)
            return "\n".join(words.strip().splitlines())

        return any(
            given(before, one["name"]) != given(after, one["name"])
            for one in self.options
            if one.get("leads_to")
        )

    @property
    def is_offered(self) -> bool:
        """Whether a person can set up a source of it."""
        return bool(self.facts.get("entry"))

    def entry(self) -> Any:
        """Return the module with ``faults_of``, ``check_source`` and ``open_source``."""
        return importlib.import_module(self.facts["entry"])

    def says(self, code: str) -> str:
        """Return what a code of a note or problem means; the code itself where unknown."""
        word = self.facts.get("words", {}).get(code)
        return spoken(word["says"]) if word else code

    def remedy(self, code: str) -> str:
        """Return what a person can do about it, or nothing."""
        word = self.facts.get("words", {}).get(code)
        return spoken(word["do"]) if word and "do" in word else ""


def spoken(words: Mapping[str, str]) -> str:
    """Return the reader's language of words that a manifest gives in both."""
    zh = (translation.get_language() or "zh-hans").startswith("zh")
    return words["zh_Hans"] if zh else words["en"]


@functools.cache
def connectors() -> dict[str, Manifest]:
    """Return every connector by its name."""
    found = (Manifest(package) for package in django_settings.CONNECTORS)
    return {one.name: one for one in found}


# Sources ----------------------------------------------------------------------------------


def secret_folder(code: str) -> Path:
    """Return where the secrets of a source lie."""
    return settings.get().home / "secrets" / "sources" / code


def secrets_of(code: str) -> dict[str, str]:
    """Return the secrets of a source by the name of their option."""
    folder = secret_folder(code)
    if not folder.is_dir():
        return {}
    return {
        path.name: path.read_text("utf-8")
        for path in sorted(folder.iterdir())
        if path.is_file() and not path.name.endswith(".new")
    }


def write_secret(code: str, name: str, value: str) -> None:
    """Keep a secret in a file that only the owner can read, whole or not at all."""
    folder = secret_folder(code)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f"{name}.new"
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        out.write(value)
        out.flush()
        os.fsync(out.fileno())
    os.replace(fresh, folder / name)


def as_contract(row: models.Source, *, with_secrets: bool = False) -> contracts.Source:
    """Return a source with the defaults of its connector filled in."""
    manifest = connectors().get(row.connector)
    return contracts.Source(
        code=row.code,
        connector=row.connector,
        title=row.title,
        options={**(manifest.defaults if manifest else {}), **row.options},
        is_enabled=row.is_enabled,
        changed_at=row.changed_at,
        secrets=secrets_of(row.code) if with_secrets else {},
    )


def sources(*, with_secrets: bool = False) -> list[contracts.Source]:
    """Return the sources set up on the page and, unless replaced, the broker of the settings."""
    rows = [as_contract(row, with_secrets=with_secrets) for row in models.Source.objects.all()]
    if all(one.code != BUILT_IN for one in rows):
        rows.insert(0, built_in(with_secrets=with_secrets))
    return rows


def source(code: str, *, with_secrets: bool = False) -> contracts.Source | None:
    """Return one source, or None."""
    row = models.Source.objects.filter(code=code).first()
    return as_contract(row, with_secrets=with_secrets) if row else None


def built_in(*, with_secrets: bool = False) -> contracts.Source:
    """Return the MQTT broker that the installation's settings name."""
    chosen = settings.get()
    password = chosen.mqtt_password.get_secret_value() if chosen.mqtt_password else ""
    manifest = connectors().get("mqtt")
    return contracts.Source(
        code=BUILT_IN,
        connector="mqtt",
        title="MQTT",
        options={
            **(manifest.defaults if manifest else {}),
            "host": chosen.mqtt_host,
            "port": chosen.mqtt_port,
            "username": chosen.mqtt_username,
            "client_id": "huoshui-ingest",
        },
        is_enabled=True,
        changed_at=None,
        secrets={"password": password} if with_secrets else {},
    )


# Names ------------------------------------------------------------------------------------


def sent_names() -> list[SentName]:
    """Return what sources call points, where somebody said so."""
    return [
        SentName(*row)
        for row in models.SentCode.objects.values_list(
            "source", "code", "point_id", "factor", "offset"
        )
    ]


def names_mark() -> tuple[object, ...]:
    """Return something that differs whenever adopted names or declared points changed."""
    names = models.SentCode.objects.aggregate(count=Count("id"), changed=Max("adopted_at"))
    points = models.Point.objects.aggregate(count=Count("id"), changed=Max("changed_at"))
    return (*names.values(), *points.values())
