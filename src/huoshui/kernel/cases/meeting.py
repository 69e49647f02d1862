"""Whether everything that a transition asks for is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from huoshui.kernel.cases import declaring, needs, refusals, values
from huoshui.kernel.cases.declaring import CaseType, Transition

if TYPE_CHECKING:
    from huoshui.kernel.cases.models import Case


@dataclass(frozen=True)
class Given:
    """What comes with a step."""

    by_id: int | None
    note: str = ""
    photos: tuple[int, ...] = ()
    checklist: frozenset[str] = frozenset()
    signature: int | None = None


def refuse_missing(case_type: CaseType, case: Case, step: Transition, given: Given) -> None:
    """Refuse with `cases.missing`, naming all that a transition asks for and that is not there.

    Called after the fields, the responsible person and the deadline of the step were put in.
    """
    held = values.all_of(case)
    missing = [
        one for need in step.requires for one in _missing(case_type, case, need, given, held)
    ]
    if missing:
        raise refusals.Missing(case.number, missing)


def _missing(
    case_type: CaseType,
    case: Case,
    need: needs.Need,
    given: Given,
    held: Mapping[str, Any],
) -> Iterator[tuple[str, Any]]:
    if isinstance(need, needs.NeedsField):
        for code in need.fields:
            field = case_type.field(code)
            if field is not None and not values.is_filled(held.get(code)):
                yield code, field.label
    elif isinstance(need, needs.NeedsChecklist):
        for item in need.items:
            if item.code not in given.checklist:
                yield f"{need.code}.{item.code}", f"{need.label}: {item.label}"
    elif isinstance(need, needs.NeedsPhotos):
        if len(set(given.photos)) < need.count:
            yield "photos", _("%(count)d photos") % {"count": need.count}
    elif isinstance(need, needs.NeedsSignature):
        if given.signature is None:
            yield "signature", need.label or _("a signature")
    elif isinstance(need, needs.NeedsNote):
        if not given.note.strip():
            yield "note", _("a note that says why")
    else:
        yield from _missing_of_case(case, need, given)


def _missing_of_case(case: Case, need: needs.Need, given: Given) -> Iterator[tuple[str, Any]]:
    if isinstance(need, needs.NeedsOwner) and case.owner_id is None:
        yield "owner", _("a responsible person")
    elif isinstance(need, needs.NeedsUnit) and case.unit_id is None:
        yield "unit", _("a responsible unit")
    elif isinstance(need, needs.NeedsDeadline) and case.deadline_at is None:
        yield "due_at", _("an agreed deadline")
    elif isinstance(need, needs.NeedsSecondPerson):
        if given.by_id is not None and given.by_id == first_person(case, need.than):
            yield "second_person", _("a second person: you took the step before this one")
    elif isinstance(need, needs.NeedsCallBack) and not _called_back(case, need.content):
        yield "call_back", _("a call-back to whoever raised it")
    elif isinstance(need, needs.NeedsPartsClosed):
        still = open_parts(case)
        if still:
            yield "parts", _("its parts %(numbers)s are open") % {"numbers": ", ".join(still)}


def first_person(case: Case, than: str) -> int | None:
    """Return who took a transition most recently; without one, who opened or last moved it."""
    steps = case.steps.filter(kind__in=("opened", "moved", "reopened"))
    if than:
        steps = steps.filter(transition=than)
    return steps.order_by("-id").values_list("by_id", flat=True).first()


def _called_back(case: Case, content: bool) -> bool:
    answers = case.call_backs.filter(round=case.reopened_count, reached=True)
    latest = answers.order_by("-id").first()
    return latest is not None and (latest.content is not False or not content)


def open_parts(case: Case) -> list[str]:
    """Return the numbers of the parts of a case that are not closed."""
    from huoshui.kernel.cases.models import Case as Cases

    parts = Cases.objects.filter(relations__how="part_of", relations__other=case)
    still = parts.exclude(state_kind__in=declaring.CLOSED_KINDS)
    return list(still.order_by("number").values_list("number", flat=True)[:20])
