"""Addresses of fieldwork."""

from django.urls import include, path

from huoshui.areas.fieldwork.checks.web import urls as checks
from huoshui.areas.fieldwork.patrol.web import urls as patrol
from huoshui.areas.fieldwork.phone.web import urls as phone
from huoshui.areas.fieldwork.upkeep.web import urls as upkeep
from huoshui.areas.fieldwork.web import (
    board,
    crews,
    pages,
    plans,
    repairs,
    set_up,
    steps,
    stock,
    store_room,
)

pages_of_jobs = [
    path("board/", board.board, name="board"),
    path("plans/new/", board.plan_many, name="plan-many"),
    plans.Plans.path("plans/", name="plans"),
    set_up.Skills.path("skills/", name="skills"),
    set_up.KeepSkill.path("skills/new/", name="new-skill"),
    set_up.KeepSkill.path("skills/<str:code>/", name="change-skill"),
    set_up.Patterns.path("shift-patterns/", name="patterns"),
    set_up.KeepPattern.path("shift-patterns/new/", name="new-pattern"),
    set_up.KeepPattern.path("shift-patterns/<str:code>/", name="change-pattern"),
    set_up.Types.path("job-types/", name="types"),
    set_up.KeepType.path("job-types/new/", name="new-type"),
    set_up.KeepType.path("job-types/<str:code>/", name="change-type"),
    crews.Crews.path("crews/", name="crews"),
    crews.NewCrew.path("crews/new/", name="new-crew"),
    crews.CrewPage.path("crews/<str:code>/", name="crew"),
    crews.ChangeCrew.path("crews/<str:code>/change/", name="change-crew"),
    crews.CrewPeople.path("crews/<str:code>/people/", name="crew-people"),
    crews.CrewDayPage.path("crews/<str:code>/day/", name="crew-day"),
    stock.StockList.path("stock/", name="stock"),
    stock.Movements.path("stock/movements/", name="movements"),
    path("stock/outlook/", stock.outlook, name="outlook"),
    path("stock/outlook/transfer/", stock.transfer, name="transfer"),
    stock.MoveParts.path("stock/move/", name="move"),
    stock.CountParts.path("stock/count/", name="count"),
    store_room.Parts.path("stock/parts/", name="parts"),
    store_room.KeepPart.path("stock/parts/new/", name="new-part"),
    store_room.KeepPart.path("stock/parts/<str:code>/", name="change-part"),
    store_room.Stores.path("stock/stores/", name="stores"),
    store_room.KeepStore.path("stock/stores/new/", name="new-store"),
    store_room.KeepStore.path("stock/stores/<str:code>/", name="change-store"),
    store_room.Minimums.path("stock/minimums/", name="minimums"),
    store_room.SetMinimum.path("stock/minimums/set/", name="set-minimum"),
    store_room.Differences.path("stock/differences/", name="differences"),
    store_room.Settle.path("stock/differences/<int:pk>/", name="settle"),
    pages.Jobs.path("jobs/", name="jobs"),
    steps.NewJob.path("jobs/new/", name="new-job"),
    repairs.RepairTimes.path("repair-times/", name="repair-times"),
    repairs.Repairs.path("repairs/", name="repairs"),
    repairs.TellTimes.path("jobs/<str:number>/times/", name="times"),
    pages.JobPage.path("jobs/<str:number>/", name="job"),
    steps.Assign.path("jobs/<str:number>/assign/", name="assign"),
    steps.Report.path("jobs/<str:number>/report/", name="report"),
    steps.Close.path("jobs/<str:number>/close/", name="close"),
    steps.Return.path("jobs/<str:number>/return/", name="return"),
    steps.CancelJob.path("jobs/<str:number>/cancel/", name="cancel"),
]

urlpatterns = [
    path("fieldwork/", include((pages_of_jobs, "fieldwork"))),
    path("patrol/", include((patrol.urlpatterns, "patrol"))),
    path("checks/", include((checks.urlpatterns, "checks"))),
    path("phone/", include((phone.urlpatterns, "phone"))),
    path("upkeep/", include((upkeep.urlpatterns, "upkeep"))),
]
