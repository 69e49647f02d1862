"""Addresses of fieldwork."""

from django.urls import include, path

from huoshui.areas.fieldwork.phone.web import urls as phone
from huoshui.areas.fieldwork.web import pages, steps

pages_of_jobs = [
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
    path("phone/", include((phone.urlpatterns, "phone"))),
]
