"""The engine of cases: something is raised, somebody is responsible by a deadline, steps follow.

An area declares a case type from ``AppConfig.ready``; from the declaration come lists, boards,
forms, deadlines, permissions, notices, figures and the API::

    cases.declare(cases.CaseType(code="office.lost_key", label=_("Lost key"), prefix="K", ...))
    cases.open_case("office.lost_key", "Key of the store", by_id=user.pk)
    cases.act("K2026-00001", "find", by_id=user.pk)

Whatever touches tables is loaded when it is first asked for, so that areas may import this early.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from huoshui.kernel.cases.declaring import (
    CallBack,
    CaseType,
    Clock,
    Escalate,
    Field,
    Pause,
    Permission,
    Reopen,
    State,
    Transition,
    case_type,
    declare,
    declared,
    when_declared,
)
from huoshui.kernel.cases.facts import (
    CAUSED_BY,
    DUPLICATE_OF,
    PART_OF,
    CaseClosed,
    CaseFact,
    CaseMoved,
    CaseOpened,
    CasePlaced,
    CaseReopened,
)
from huoshui.kernel.cases.limits import (
    Limit,
    agreed,
    calendar_days,
    hours,
    minutes,
    working_days,
)
from huoshui.kernel.cases.needs import (
    CheckItem,
    NeedsCallBack,
    NeedsChecklist,
    NeedsDeadline,
    NeedsField,
    NeedsNote,
    NeedsOwner,
    NeedsPartsClosed,
    NeedsPhotos,
    NeedsSecondPerson,
    NeedsSignature,
    NeedsUnit,
)

if TYPE_CHECKING:
    from huoshui.kernel.cases.answering import call_back, reopen
    from huoshui.kernel.cases.moving import act, mend, possible
    from huoshui.kernel.cases.opening import open_case
    from huoshui.kernel.cases.queries import (
        case,
        duplicates,
        linked,
        linked_between,
        many,
        moves,
        near,
        of_phone,
        opened_between,
        related,
        relations,
    )
    from huoshui.kernel.cases.relating import relate, unrelate
    from huoshui.kernel.cases.tending import assign, edit, note, pause, resume

_DEEDS = {
    "act": "moving",
    "assign": "tending",
    "call_back": "answering",
    "case": "queries",
    "duplicates": "queries",
    "edit": "tending",
    "linked": "queries",
    "linked_between": "queries",
    "many": "queries",
    "mend": "moving",
    "moves": "queries",
    "near": "queries",
    "note": "tending",
    "of_phone": "queries",
    "open_case": "opening",
    "opened_between": "queries",
    "pause": "tending",
    "possible": "moving",
    "relate": "relating",
    "related": "queries",
    "relations": "queries",
    "reopen": "answering",
    "resume": "tending",
    "unrelate": "relating",
}

__all__ = [
    "CAUSED_BY",
    "DUPLICATE_OF",
    "PART_OF",
    "CallBack",
    "CaseClosed",
    "CaseFact",
    "CaseMoved",
    "CaseOpened",
    "CasePlaced",
    "CaseReopened",
    "CaseType",
    "CheckItem",
    "Clock",
    "Escalate",
    "Field",
    "Limit",
    "NeedsCallBack",
    "NeedsChecklist",
    "NeedsDeadline",
    "NeedsField",
    "NeedsNote",
    "NeedsOwner",
    "NeedsPartsClosed",
    "NeedsPhotos",
    "NeedsSecondPerson",
    "NeedsSignature",
    "NeedsUnit",
    "Pause",
    "Permission",
    "Reopen",
    "State",
    "Transition",
    "act",
    "agreed",
    "assign",
    "calendar_days",
    "call_back",
    "case",
    "case_type",
    "declare",
    "declared",
    "duplicates",
    "edit",
    "hours",
    "linked",
    "linked_between",
    "many",
    "mend",
    "minutes",
    "moves",
    "near",
    "note",
    "of_phone",
    "open_case",
    "opened_between",
    "pause",
    "possible",
    "relate",
    "related",
    "relations",
    "reopen",
    "resume",
    "unrelate",
    "when_declared",
    "working_days",
]


def __getattr__(name: str) -> Any:
    """Load the module of a deed when it is first asked for."""
    if name not in _DEEDS:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f"{__name__}.{_DEEDS[name]}"), name)
