"""What happened to a case, line by line, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext, ngettext, pgettext

from huoshui.kernel.cases import declaring, limits, reading, words
from huoshui.kernel.cases.models import Case, CaseStep
from huoshui.kernel.cases.web import addresses, shown
from huoshui.kernel.organisation import tree
from huoshui.kernel.pages import formats


def lines(row: Case) -> list[dict[str, Any]]:
    """Return the timeline of a case, the latest first; four queries whatever its length."""
    steps = list(
        CaseStep.objects.filter(case=row)
        .select_related("by")
        .prefetch_related("photos__file")
        .order_by("-id")
    )
    people = shown.people_named(_people_in(row, steps))
    return [_line(row, one, people) for one in steps]


def _people_in(row: Case, steps: Iterable[CaseStep]) -> set[int]:
    """Return the keys of the people that the details of steps name."""
    known = declaring.case_type(row.type_code)
    person_fields = {one.code for one in known.fields if one.kind == "person"} if known else set()
    found: set[int] = set()
    for step in steps:
        if step.data.get("owner"):
            found.add(int(step.data["owner"]))
        for code, value in step.data.get("fields", {}).items():
            if code in person_fields and value:
                found.add(int(value))
    return found


def _line(row: Case, step: CaseStep, people: Mapping[int, str]) -> dict[str, Any]:
    photos = list(step.photos.all())
    return {
        "label": label_of(row, step),
        "colour": shown.STEP_COLOURS.get(step.kind, "secondary"),
        "at": step.at,
        "by": step.by,
        "note": step.note,
        "details": details_of(row, reading.step_data(row.type_code, step.data), people),
        "photos": [one for one in photos if not one.is_signature],
        "signatures": [one for one in photos if one.is_signature],
        "stayed": shown.rough_s(step.stayed_s) if step.stayed_s else "",
        "from": reading.label_in(row.type_code, "states", step.from_state) if step.stayed_s else "",
    }


def label_of(row: Case, step: CaseStep) -> str:
    """Return what happened: the step of the kind by its own name, the rest by a common word."""
    if step.kind == "moved" and step.transition:
        return str(reading.label_in(row.type_code, "transitions", step.transition))
    return str(words.STEPS.get(step.kind, step.kind))


def details_of(
    row: Case, data: Mapping[str, Any], people: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Return what came with a step as labelled values."""
    found = [
        {
            "label": reading.label_in(row.type_code, "fields", code),
            "text": _field_text(row, code, value, people),
        }
        for code, value in data.get("fields", {}).items()
    ]
    for code in data.get("private", ()):
        label = reading.label_in(row.type_code, "fields", code)
        found.append({"label": label, "text": gettext("changed")})
    found += list(_common(row, data, people))
    return found


def _field_text(row: Case, code: str, value: Any, people: Mapping[int, str]) -> str:
    known = declaring.case_type(row.type_code)
    field = known.field(code) if known else None
    if field is None:
        return str(value if value is not None else formats.NOTHING)
    if field.kind == "photo":
        return photos_words(len(value or ()))
    return shown.field_text(field, value, people)


def photos_words(count: int) -> str:
    """Return how many photos came."""
    return ngettext("%(n)s photo", "%(n)s photos", count) % {"n": count}


def _common(row: Case, data: Mapping[str, Any], people: Mapping[int, str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def add(label: str, text: Any, url: str = "") -> None:
        found.append({"label": label, "text": str(text), "url": url})

    if "owner" in data and data["owner"] is None:
        add(gettext("Responsible"), gettext("Nobody responsible"))
    if data.get("owner"):
        add(gettext("Responsible"), people.get(int(data["owner"]), data["owner"]))
    if data.get("unit"):
        nodes = tree.on().nodes.values()
        names = {node.code: node.name for node in nodes}
        add(gettext("Unit"), names.get(data["unit"], data["unit"]))
    due = formats.moment(datetime.fromisoformat(data["due_at"])) if data.get("due_at") else ""
    clock = data.get("clock")
    if due or clock:
        # A warning says which deadline it is and when: that is one fact, not two of one name.
        named = reading.label_in(row.type_code, "clocks", clock) if clock else ""
        add(str(named) if due and clock else gettext("Deadline"), due or named)
    if data.get("title"):
        add(gettext("What is it about?"), data["title"])
    if data.get("place"):
        add(gettext("Where"), data["place"])
    if data.get("spot"):
        lon, lat = data["spot"]
        add(gettext("On the map"), f"{lon:.5f}, {lat:.5f}")
    if data.get("priority"):
        add(gettext("Priority"), words.PRIORITIES.get(data["priority"], data["priority"]))
    if data.get("reason"):
        add(gettext("Reason"), reading.label_in(row.type_code, "pauses", data["reason"]))
    if data.get("how") and data.get("other"):
        label = reading.relation_label(data["how"], back=bool(data.get("back")))
        add(str(label), data["other"], addresses.case_url(data["other"]))
    elif data.get("other"):
        add(gettext("Original"), data["other"], addresses.case_url(data["other"]))
    if data.get("checklist"):
        for line in _ticked(row, data["checklist"]):
            add("", f"✓ {line}")
    if data.get("reached") is not None:
        add(gettext("Reached"), formats.yes_no(data["reached"]))
    if data.get("content") is not None or data.get("score") is not None:
        add(pgettext("call-back", "Content"), content_words(data.get("content"), data.get("score")))
    return found


def _ticked(row: Case, codes: Iterable[str]) -> list[str]:
    from huoshui.kernel.cases import needs

    known = declaring.case_type(row.type_code)
    labels = {
        item.code: str(item.label)
        for step in (known.transitions if known else ())
        for need in step.requires
        if isinstance(need, needs.NeedsChecklist)
        for item in need.items
    }
    return [labels.get(code, code) for code in codes]


def content_words(content: bool | None, score: int | None) -> str:
    """Return what whoever raised the case said of it."""
    stars = f"{score} ★ " if score is not None else ""
    if content is None:
        return stars.strip() or formats.NOTHING
    return stars + (gettext("content") if content else gettext("not content"))


def limit_words(amount: int, unit: str) -> str:
    """Return a limit as it was declared."""
    if unit == limits.WORKING_DAYS:
        return ngettext("%(n)s working day", "%(n)s working days", amount) % {"n": amount}
    if unit == limits.AGREED:
        return gettext("agreed for this case")
    return formats.duration(amount * 60)


def remaining_words(left: int | None, unit: str) -> str:
    """Return what remains of a limit that stands still."""
    if left is None:
        return formats.NOTHING
    if unit == limits.WORKING_DAYS:
        return limit_words(max(left, 0), unit)
    return shown.rough_s(max(left, 0))
