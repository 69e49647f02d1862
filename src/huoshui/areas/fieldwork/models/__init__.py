"""Tables of fieldwork: jobs, crews, types of jobs, stock, plans, what comes again."""

from huoshui.areas.fieldwork.checks.models import Check, CheckItem, CheckList
from huoshui.areas.fieldwork.models.condition import ConditionIndicator, ConditionSuggestion
from huoshui.areas.fieldwork.models.crews import Crew, CrewDay, CrewMember, ShiftPattern, Skill
from huoshui.areas.fieldwork.models.jobs import Job, JobEvent, JobPhoto, JobReport
from huoshui.areas.fieldwork.models.plans import Plan, PlanStop
from huoshui.areas.fieldwork.models.repairs import Breakdown, BreakdownMeasure, CaseLine
from huoshui.areas.fieldwork.models.roads import RoadMap
from huoshui.areas.fieldwork.models.stock import (
    Part,
    Settlement,
    Stock,
    StockMinimum,
    StockMovement,
    StockWarning,
    Store,
)
from huoshui.areas.fieldwork.models.types import JobType, KitLine
from huoshui.areas.fieldwork.models.upkeep import (
    MaintenanceDone,
    MaintenancePlan,
    PatrolFinding,
    PatrolRhythm,
    PatrolRound,
    PatrolWalk,
)
from huoshui.areas.fieldwork.models.waits import JobWait

# Their tables are in rooms of their own; Django must know them too.
from huoshui.areas.fieldwork.patrol.models import (
    ConstructionSite,
    PatrolPiece,
    PatrolProposal,
    SiteEvent,
)
from huoshui.areas.fieldwork.phone.models import PhoneEntry, PhonePhoto, PhoneReckoning

__all__ = [
    "Breakdown",
    "BreakdownMeasure",
    "CaseLine",
    "Check",
    "CheckItem",
    "CheckList",
    "ConditionIndicator",
    "ConditionSuggestion",
    "ConstructionSite",
    "Crew",
    "CrewDay",
    "CrewMember",
    "Job",
    "JobEvent",
    "JobPhoto",
    "JobReport",
    "JobType",
    "JobWait",
    "KitLine",
    "MaintenanceDone",
    "MaintenancePlan",
    "Part",
    "PatrolFinding",
    "PatrolPiece",
    "PatrolProposal",
    "PatrolRhythm",
    "PatrolRound",
    "PatrolWalk",
    "PhoneEntry",
    "PhonePhoto",
    "PhoneReckoning",
    "Plan",
    "PlanStop",
    "RoadMap",
    "Settlement",
    "ShiftPattern",
    "SiteEvent",
    "Skill",
    "Stock",
    "StockMinimum",
    "StockMovement",
    "StockWarning",
    "Store",
]
