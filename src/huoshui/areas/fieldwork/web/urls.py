"""Addresses of fieldwork."""

from django.urls import include, path

from huoshui.areas.fieldwork.patrol.web import urls as patrol
from huoshui.areas.fieldwork.phone.web import urls as phone
from huoshui.areas.fieldwork.upkeep.web import urls as upkeep
from huoshui.areas.fieldwork.web import board, crews, pages, plans, steps, stock, store_room

pages_of_jobs = [
    path("board/", board.board, name="board"),
    path("plans/new/", board.plan_many, name="plan-many"),
    plans.Plans.path("plans/", name="plans"),
    crews.Crews.path("crews/", name="crews"),
    crews.NewCrew.path("crews/new/", name="new-crew"),
    crews.CrewPage.path("crews/<str:code>/", name="crew"),
    crews.ChangeCrew.path("crews/<str:code>/change/", name="change-crew"),
    crews.CrewPeople.path("crews/<str:code>/people/", name="crew-people"),
    crews.CrewDayPage.path("crews/<str:code>/day/", name="crew-day"),
    stock.StockList.path("stock/", name="stock"),
    stock.Movements.path("stock/movements/", name="movements"),
    path("stock/outlook/", stock.outlook, name="outlook"),
    stock.MoveParts.path("stock/move/", name="move"),
    stock.CountParts.path("stock/count/", name="count"),
    store_room.NewPart.path("stock/parts/new/", name="new-part"),
    store_room.NewStore.path("stock/stores/new/", name="new-store"),
    store_room.SetMinimum.path("stock/minimums/set/", name="set-minimum"),
    pages.Jobs.path("jobs/", name="jobs"),
    steps.NewJob.path("jobs/new/", name="new-job"),
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
    path("phone/", include((phone.urlpatterns, "phone"))),
    path("upkeep/", include((upkeep.urlpatterns, "upkeep"))),
]
