"""A case in words and as a fact: labels of any version, personal data as a reader may see it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import get_language

from huoshui.kernel import audit
from huoshui.kernel.accounts import permissions, personal
from huoshui.kernel.cases import declaring, facts, ticking, words

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User
    from huoshui.kernel.cases.models import Case

# In the timeline, beside the codes of private fields: who raised the case was corrected.
PERSON = "*person"
# Snapshots by type, newest first; a process forgets them when a label is not found.
_snapshots: dict[str, list[dict[str, Any]]] = {}


def fact_of(case: Case) -> facts.CaseFact:
    """Return a case as others receive it; the original of a duplicate costs a query."""
    original = case.merged_into
    return facts.CaseFact(
        number=case.number,
        type_code=case.type_code,
        title=case.title,
        place=case.place,
        state=case.state,
        state_kind=case.state_kind,
        priority=ticking.PRIORITY_CODES.get(case.priority, "normal"),
        channel=case.channel,
        opened_at=case.opened_at,
        opened_by_id=case.opened_by_id,
        owner_id=case.owner_id,
        unit_id=case.unit_id,
        lon=case.lon,
        lat=case.lat,
        deadline_at=case.deadline_at,
        next_due_at=case.next_due_at,
        next_due_clock=case.next_due_clock,
        paused_for=case.paused_for,
        closed_at=case.closed_at,
        reopened_count=case.reopened_count,
        merged_into=original.number if original else "",
        content=case.content,
        score=case.score,
        revision=case.revision,
        fields=public(case.type_code, case.values),
    )


def is_private(type_code: str, code: str) -> bool:
    """Tell whether a field is personal data: as it is declared now, or as it last was."""
    case_type = declaring.case_type(type_code)
    field = case_type.field(code) if case_type is not None else None
    if field is not None:
        return field.private
    for snapshot in _kept(type_code, "fields", code):
        one = snapshot.get("fields", {}).get(code)
        if one is not None:
            return bool(one["private"])
    return False


def public(type_code: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values without those of fields that became personal data after they were kept."""
    return {code: one for code, one in values.items() if not is_private(type_code, code)}


def step_data(type_code: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what came with a step; of personal data that it changed only the fields' names."""
    fields = data.get("fields")
    if not fields:
        return dict(data)
    shown = public(type_code, fields)
    hidden = [*data.get("private", ()), *(code for code in fields if code not in shown)]
    found = {**data, "fields": shown}
    return {**found, "private": hidden} if hidden else found


def label_in(type_code: str, what: str, code: str) -> Any:
    """Return what a state, transition, field, clock, pause or channel of a type is called.

    The present declaration speaks first; what it does not know any more, the kept versions do.
    """
    if not code:
        return ""
    if code == PERSON:
        return words.PERSON
    case_type = declaring.case_type(type_code)
    if case_type is not None:
        found = _present(case_type, what, code)
        if found is not None:
            return found
    for snapshot in _kept(type_code, what, code):
        one = snapshot.get(what, {}).get(code)
        if one is not None:
            return _spoken(one.get("label", one))
    return code


def _present(case_type: declaring.CaseType, what: str, code: str) -> Any:
    if what == "channels":
        return dict(case_type.channels).get(code)
    if what == "clocks":
        clock = ticking.clock_of(case_type, code)
        return clock.label if clock else None
    one = {
        "states": case_type.state,
        "transitions": case_type.transition,
        "fields": case_type.field,
        "pauses": case_type.pause,
    }[what](code)
    return one.label if one is not None else None


def _kept(type_code: str, what: str, code: str) -> list[dict[str, Any]]:
    from huoshui.kernel.cases.models import CaseTypeVersion

    known = _snapshots.get(type_code, [])
    if not any(code in one.get(what, {}) for one in known):
        rows = CaseTypeVersion.objects.filter(type_code=type_code).order_by("-id")
        known = _snapshots[type_code] = list(rows.values_list("snapshot", flat=True))
    return known


def _spoken(said: Mapping[str, str]) -> str:
    language = "zh" if (get_language() or "zh").startswith("zh") else "en"
    return said.get(language) or said.get("en", "")


def type_label(type_code: str) -> Any:
    """Return what a type is called, also one that is gone."""
    case_type = declaring.case_type(type_code)
    if case_type is not None:
        return case_type.label
    for snapshot in _kept(type_code, "states", ""):
        return _spoken(snapshot["label"])
    return type_code


def state_label(case: Case) -> Any:
    """Return what the state of a case is called."""
    return label_in(case.type_code, "states", case.state)


@dataclass(frozen=True)
class FieldShown:
    """One field of a case as one reader sees it."""

    code: str
    label: Any
    kind: str
    value: Any
    unit: Any = ""
    private: bool = False
    masked: bool = False
    gone: bool = False


@dataclass(frozen=True)
class PersonShown:
    """Who raised a case, as one reader sees them."""

    name: str
    phone: str
    masked: bool


def may_unmask(user: User, case: Case) -> bool:
    """Tell whether a reader may see the personal data of a case."""
    reached = permissions.units_of(user, personal.SEE)
    return reached is None or case.unit_id in reached


def unmask(user: User, case: Case) -> None:
    """Let a reader see the personal data of a case, which is recorded; refuses who may not."""
    if not may_unmask(user, case):
        raise permissions.NotAllowed(personal.SEE)
    audit.record_read(user.pk, "cases.personal_read", f"cases.case:{case.number}")


def person_of(case: Case, *, masked: bool = True) -> PersonShown | None:
    """Return who raised a case; call `unmask` before asking for them in full."""
    private = _private(case)
    if private is None or not (private.name or private.phone):
        return None
    if not masked:
        return PersonShown(private.name, private.phone, masked=False)
    return PersonShown(mask_name(private.name), personal.mask_phone(private.phone), masked=True)


def mask_name(name: str) -> str:
    """Return a name of which only the first sign stays: 王**."""
    return name[:1] + "**" if name else ""


def _private(case: Case) -> Any:
    from huoshui.kernel.cases.models import CasePrivate

    return CasePrivate.objects.filter(case_id=case.pk).first()


def fields_of(case: Case, *, masked: bool = True) -> list[FieldShown]:
    """Return the filled and the empty fields of a case, in their declared order.

    Fields that the present declaration does not know stand behind, with the label they had.
    """
    case_type = declaring.case_type(case.type_code)
    private = _private(case)
    hidden = dict(private.values) if private else {}
    shown = list(_declared_fields(case_type, case.values, hidden, masked)) if case_type else []
    known = {one.code for one in shown}
    for values, of_private in ((case.values, False), (hidden, True)):
        for code, value in values.items():
            if code not in known:
                private_now = of_private or is_private(case.type_code, code)
                shown.append(_gone_field(case, code, value, private_now and masked, private_now))
    return shown


def _declared_fields(
    case_type: declaring.CaseType,
    values: Mapping[str, Any],
    hidden: Mapping[str, Any],
    masked: bool,
) -> Iterator[FieldShown]:
    for one in case_type.fields:
        # A field may have become personal data, or plain, after it was written down.
        is_hidden = one.private or (one.code in hidden and one.code not in values)
        first, then = (hidden, values) if is_hidden else (values, hidden)
        value = first.get(one.code, then.get(one.code))
        stars = is_hidden and masked and value not in (None, "")
        yield FieldShown(
            code=one.code,
            label=one.label,
            kind=one.kind,
            value=mask_value(one.kind, value) if stars else spoken_value(one, value),
            unit=one.unit,
            private=is_hidden,
            masked=stars,
        )


def spoken_value(field: declaring.Field, value: Any) -> Any:
    """Return a stored value with a choice in its words; the rest as it is stored."""
    if field.kind == "choice" and value is not None:
        return dict(field.choices).get(value, value)
    return value


def mask_value(kind: str, value: Any) -> str:
    """Return personal data of which only a hint stays."""
    return personal.mask_phone(str(value)) if kind == "phone" else personal.STARS


def _gone_field(case: Case, code: str, value: Any, masked: bool, private: bool) -> FieldShown:
    kind, unit, shown = "text", "", value
    for snapshot in _kept(case.type_code, "fields", code):
        one = snapshot.get("fields", {}).get(code)
        if one is not None:
            kind, unit = one["kind"], _spoken(one["unit"])
            if kind == "choice" and value in one["choices"]:
                shown = _spoken(one["choices"][value])
            break
    return FieldShown(
        code=code,
        label=label_in(case.type_code, "fields", code),
        kind=kind,
        value=mask_value(kind, value) if masked else shown,
        unit=unit,
        private=private,
        masked=masked,
        gone=True,
    )


def relation_label(how: str, *, back: bool = False) -> Any:
    """Return what a relation is called, from its case or seen from the other."""
    return (words.RELATIONS_BACK if back else words.RELATIONS).get(how, how)
