"""Tables of cases: what they are, what happened to them, and their deadlines."""

from huoshui.kernel.cases.models.case import (
    Case,
    CaseLink,
    CasePrivate,
    CaseRelation,
    CaseSeries,
    CaseTypeVersion,
)
from huoshui.kernel.cases.models.history import CaseCallBack, CasePhoto, CaseStep
from huoshui.kernel.cases.models.time import CaseClockRun, CasePause, LocalDay

__all__ = [
    "Case",
    "CaseCallBack",
    "CaseClockRun",
    "CaseLink",
    "CasePause",
    "CasePhoto",
    "CasePrivate",
    "CaseRelation",
    "CaseSeries",
    "CaseStep",
    "CaseTypeVersion",
    "LocalDay",
]
