"""Addresses of maintenance, breakdowns and retrofits."""

from django.urls import path

from huoshui.areas.fieldwork.upkeep.condition.web import changing as wear_changing
from huoshui.areas.fieldwork.upkeep.condition.web import pages as wear
from huoshui.areas.fieldwork.upkeep.web import calendar, changing, pages, repairs

urlpatterns = [
    pages.Plans.path("", name="plans"),
    changing.NewPlan.path("new/", name="new"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("kept/", pages.kept, name="kept"),
    pages.PlanPage.path("plans/<str:code>/", name="plan"),
    changing.ChangePlan.path("plans/<str:code>/change/", name="change"),
    changing.RetirePlan.path("plans/<str:code>/retire/", name="retire"),
    changing.EnterDone.path("plans/<str:code>/done/", name="done"),
    path("plans/<str:code>/ask/", pages.ask, name="ask"),
    wear.Indicators.path("signs/", name="indicators"),
    wear_changing.NewIndicator.path("signs/new/", name="new-indicator"),
    wear.IndicatorPage.path("signs/<str:code>/", name="indicator"),
    wear_changing.ChangeIndicator.path("signs/<str:code>/change/", name="change-indicator"),
    wear.Suggestions.path("suggestions/", name="suggestions"),
    wear.SuggestionPage.path("suggestions/<int:number>/", name="suggestion"),
    path("suggestions/<int:number>/accept/", wear_changing.accept, name="accept-suggestion"),
    wear_changing.Decline.path("suggestions/<int:number>/decline/", name="decline-suggestion"),
    wear_changing.Judge.path("suggestions/<int:number>/verdict/", name="judge-suggestion"),
    path("jobs/<str:number>/pair/", repairs.pair, name="pair"),
    repairs.MakeJobs.path("breakdowns/<str:number>/jobs/", name="make-jobs"),
    repairs.Measure.path("breakdowns/<str:number>/measure/", name="measure"),
    repairs.AddBreakdownLine.path("breakdowns/<str:number>/line/", name="breakdown-line"),
    path(
        "breakdowns/<str:number>/lines/<int:pk>/strike/",
        repairs.strike_breakdown_line,
        name="strike-breakdown-line",
    ),
    repairs.AddRetrofitLine.path("retrofits/<str:number>/line/", name="retrofit-line"),
    path(
        "retrofits/<str:number>/lines/<int:pk>/strike/",
        repairs.strike_retrofit_line,
        name="strike-retrofit-line",
    ),
]
