"""Addresses of emergency support."""

from __future__ import annotations

from django.urls import path

from huoshui.areas.surge.web import afterwards, preparing, ranking, reports, risks, wall, waves

app_name = "surge"
urlpatterns = [
    waves.Surges.path("surges/", name="surges"),
    waves.Declare.path("surges/declare/", name="declare"),
    reports.Reports.path("surges/reports/", name="reports"),
    reports.ReportFigureList.path("surges/reports/figures/", name="report-figure"),
    path("surges/reports/<str:number>/", reports.report, name="report"),
    preparing.Plans.path("surges/plans/", name="plans"),
    preparing.NewPlan.path("surges/plans/new/", name="new-plan"),
    preparing.ChangePlan.path("surges/plans/<slug:code>/", name="plan"),
    preparing.Forecast.path("surges/forecast/", name="forecast"),
    path("surges/proposals/<int:number>/", preparing.proposal, name="proposal"),
    path("surges/proposals/<int:number>/aside/", preparing.set_aside, name="set-aside"),
    path("surges/proposals/<int:number>/warn/", preparing.warn, name="warn"),
    path(
        "surges/proposals/<int:number>/minimums/", preparing.raise_minimums, name="raise-minimums"
    ),
    risks.RiskLists.path("surges/risks/", name="risk-lists"),
    path("surges/risks/gather/", risks.gather_risks, name="gather-risks"),
    risks.Risks.path("surges/risks/customers/", name="risks"),
    reports.FigureList.path("surges/figures/", name="figure"),
    afterwards.MeterList.path("surges/meters/", name="meters"),
    afterwards.Prices.path("surges/prices/", name="prices"),
    path("surges/<str:code>/", waves.surge, name="surge"),
    path("surges/<str:code>/wall/", wall.wall, name="wall"),
    path("surges/<str:code>/end/", waves.end, name="end"),
    path("surges/<str:code>/answer/", waves.answer, name="answer"),
    reports.MakeReport.path("surges/<str:code>/report/", name="make-report"),
    path("surges/<str:code>/ranking/", ranking.ranked, name="ranking"),
    path("surges/<str:code>/ranking/give/", ranking.give, name="give-priorities"),
    path("surges/<str:code>/after/", afterwards.after, name="after"),
]
