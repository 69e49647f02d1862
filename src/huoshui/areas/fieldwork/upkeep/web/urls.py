"""Addresses of maintenance, breakdowns and retrofits."""

from django.urls import path

from huoshui.areas.fieldwork.upkeep.web import calendar, changing, pages

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
]
