"""Names of the codes of checks, as people read them, and answers in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language, gettext, pgettext, pgettext_lazy

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.checks.kinds import ItemKind, Verdict
from huoshui.areas.fieldwork.patrol.kinds import Standing
from huoshui.areas.fieldwork.words import Words
from huoshui.areas.network import facade as network
from huoshui.areas.network.contracts import Kind
from huoshui.kernel.pages import formats

ITEM_KINDS: dict[str, Words] = {
    ItemKind.OK: pgettext_lazy("check item", "In order or not"),
    ItemKind.NUMBER: pgettext_lazy("check item", "Number"),
    ItemKind.TEXT: pgettext_lazy("check item", "Words"),
    ItemKind.PHOTO: pgettext_lazy("check item", "Photo"),
}

VERDICTS: dict[str, tuple[Words, str]] = {
    Verdict.GOOD: (pgettext_lazy("check", "In order"), "green"),
    Verdict.WRONG: (pgettext_lazy("check", "Not in order"), "red"),
    Verdict.NOTED: (pgettext_lazy("check", "Noted"), "secondary"),
    Verdict.MISSING: (pgettext_lazy("check", "Not answered"), "orange"),
}

STANDINGS: dict[str, tuple[Words, str]] = {
    Standing.WALKED: (pgettext_lazy("check round", "Done"), "green"),
    Standing.PARTLY: (pgettext_lazy("check round", "Done in part"), "orange"),
    Standing.MISSED: (pgettext_lazy("check round", "Missed"), "red"),
    Standing.DUE: (pgettext_lazy("check round", "Due"), "blue"),
}

ASSET_KINDS: dict[str, Words] = {
    Kind.PUMP: pgettext_lazy("checked", "Pump"),
    Kind.TANK: pgettext_lazy("checked", "Tank"),
    Kind.RESERVOIR: pgettext_lazy("checked", "Source or clear-water basin"),
    Kind.VALVE: pgettext_lazy("checked", "Valve"),
    Kind.HYDRANT: pgettext_lazy("checked", "Hydrant"),
    Kind.JUNCTION: pgettext_lazy("checked", "Node"),
}


def stands_for(kind: str, type_: str = "") -> str:
    """Return for which assets a list is, in words."""
    name = str(ASSET_KINDS.get(kind, kind))
    if not type_:
        return name
    said = network.type_choices(kind).get(type_, type_)
    return gettext("%(kind)s: %(type)s") % {"kind": name, "type": said}


def bindings() -> list[tuple[str, str]]:
    """Return everything a list may be for: each kind, and after it each of its types."""
    return [
        (f"{kind}:{type_}" if type_ else str(kind), stands_for(kind, type_))
        for kind in ASSET_KINDS
        for type_ in ("", *network.type_choices(kind))
    ]


def binding(row: models.CheckList) -> str:
    """Return for what a list is, as forms write it."""
    return f"{row.asset_kind}:{row.asset_type}" if row.asset_type else row.asset_kind


def is_chinese() -> bool:
    """Say whether the reader reads Chinese."""
    return (get_language() or "").startswith("zh")


def named(zh: str, en: str) -> str:
    """Return the name of something in the reader's language."""
    return zh if is_chinese() or not en else en


def item_name(answer: Mapping[str, Any]) -> str:
    """Return the words of an item as they were when it was answered."""
    return named(answer["zh"], answer["en"])


def figure(value: float | None) -> str:
    """Return a number as people read it, without noughts that nobody wrote."""
    return "" if value is None else f"{value:,.10g}"


def limits(answer: Mapping[str, Any]) -> str:
    """Return the limits of an item in words; nothing where there are none."""
    low, high, unit = answer["low"], answer["high"], answer["unit"]
    if low is None and high is None:
        return ""
    if high is None:
        words = f"≥ {figure(low)}"
    elif low is None:
        words = f"≤ {figure(high)}"
    else:
        words = f"{figure(low)}–{figure(high)}"
    return f"{words} {unit}".strip()


def value(answer: Mapping[str, Any]) -> str:
    """Return what was answered, in words."""
    said = answer["value"]
    if said is None or said == "":
        return formats.NOTHING
    if answer["kind"] == ItemKind.OK:
        return str(VERDICTS[Verdict.GOOD if said else Verdict.WRONG][0])
    if answer["kind"] == ItemKind.NUMBER:
        return f"{figure(said)} {answer['unit']}".strip()
    if answer["kind"] == ItemKind.PHOTO:
        return str(ITEM_KINDS[ItemKind.PHOTO])
    return str(said)


def wrong_words(answers: list[dict[str, Any]]) -> str:
    """Return everything that is not in order, with its limits, in one line."""
    said = []
    for one in answers:
        if one["verdict"] != Verdict.WRONG:
            continue
        bounds = limits(one)
        words = f"{item_name(one)}: {value(one)}"
        said.append(f"{words} ({bounds})" if bounds else words)
    return pgettext("list", "; ").join(said)


def plain(value: float | None) -> str:
    """Return a number as it is typed in."""
    return "" if value is None else f"{value:.10g}"
