"""What a reader may do with a case now, and what each step asks of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from huoshui.kernel.cases import declaring, moving, needs
from huoshui.kernel.cases.declaring import CaseType, Field, State, Transition
from huoshui.kernel.cases.models import Case
from huoshui.kernel.cases.web import addresses


@dataclass
class Asked:
    """What a step asks for when it is taken with a case as it stands."""

    fields: list[Field] = field(default_factory=list)
    required: set[str] = field(default_factory=set)
    photos: int = 0
    checklists: list[needs.NeedsChecklist] = field(default_factory=list)
    signature: bool = False
    note: bool = False
    owner: bool = False
    unit: bool = False
    deadline: bool = False
    second_person: bool = False

    @property
    def anything(self) -> bool:
        """Whether the reader has to fill something in."""
        return bool(
            self.required
            or self.photos
            or self.checklists
            or self.signature
            or self.note
            or self.owner
            or self.unit
            or self.deadline
        )


def asked_by(case_type: CaseType, step: Transition, row: Case) -> Asked:
    """Return what a step asks for; what the case has already is offered, but not asked again."""
    found = Asked()
    codes = list(step.fields)
    for need in step.requires:
        if isinstance(need, needs.NeedsField):
            codes += [code for code in need.fields if code not in codes]
            found.required |= {code for code in need.fields if not is_filled(case_type, row, code)}
        elif isinstance(need, needs.NeedsPhotos):
            found.photos = max(found.photos, need.count)
        elif isinstance(need, needs.NeedsChecklist):
            found.checklists.append(need)
        elif isinstance(need, needs.NeedsSignature):
            found.signature = True
        elif isinstance(need, needs.NeedsNote):
            found.note = True
        elif isinstance(need, needs.NeedsOwner):
            found.owner = found.owner or row.owner_id is None
        elif isinstance(need, needs.NeedsUnit):
            found.unit = found.unit or row.unit_id is None
        elif isinstance(need, needs.NeedsDeadline):
            found.deadline = found.deadline or row.deadline_at is None
        elif isinstance(need, needs.NeedsSecondPerson):
            found.second_person = True
    found.fields = [one for code in codes if (one := case_type.field(code)) is not None]
    return found


def is_filled(case_type: CaseType, row: Case, code: str) -> bool:
    """Tell whether a field of a case holds something, personal data included."""
    declared = case_type.field(code)
    if declared is not None and declared.private:
        private = getattr(row, "private", None)
        values = private.values if private is not None else {}
    else:
        values = row.values
    return values.get(code) not in (None, "", [])


@dataclass(frozen=True)
class Move:
    """One step as a button or a drop on the board."""

    code: str
    label: str
    to: str
    url: str
    direct: bool
    colour: str


def moves(user: Any, row: Case) -> list[Move]:
    """Return the steps of a case as the board offers them.

    A step that fills nothing in is taken at once, except one that gives the case up.
    """
    known = declaring.case_type(row.type_code)
    if known is None:
        return []
    found = []
    for one in moving.possible(user, row):
        to = known.state(one.to)
        assert to is not None, f"{known.code} has no state {one.to}"
        direct = not asked_by(known, one, row).anything and to.kind != declaring.CANCELLED
        url = addresses.deed_url("step", row.number, one.code)
        found.append(Move(one.code, str(one.label), one.to, url, direct, colour_of(to)))
    return found


def colour_of(to: State) -> str:
    """Return the colour of the button that leads to a state."""
    return {declaring.DONE: "success", declaring.CANCELLED: "danger"}.get(to.kind, "primary")


def direct_steps(case_type: CaseType) -> list[Transition]:
    """Return the steps that ask for nothing whatever the case, so that many take them at once."""
    quiet = (needs.NeedsSecondPerson, needs.NeedsCallBack, needs.NeedsPartsClosed)
    return [
        one
        for one in case_type.transitions
        if not one.fields and all(isinstance(need, quiet) for need in one.requires)
    ]
