"""Addresses of cases: the same for every kind."""

from django.urls import include, path, register_converter

from huoshui.kernel.cases.web import (
    addresses,
    answering,
    board,
    calendars,
    case,
    days,
    deeds,
    figures,
    giving,
    lists,
    mending,
    opening,
    printing,
    relating,
)

register_converter(addresses.TypeConverter, "case_type")
register_converter(addresses.NumberConverter, "case_number")
register_converter(addresses.DayConverter, "day")

KIND = "cases/<case_type:type_code>/"

ONE = "cases/<case_number:number>/"

pages_of_cases = [
    lists.Cases.path("cases/", name="list"),
    lists.Mine.path("cases/mine/", name="mine"),
    days.Days.path("cases/working-days/", name="days"),
    days.SetDay.path("cases/working-days/set/", name="set-day"),
    days.ClearDay.path("cases/working-days/<day:day>/clear/", name="clear-day"),
    lists.Cases.path(KIND, name="list"),
    opening.NewCase.path(f"{KIND}new/", name="new"),
    giving.GiveMany.path(f"{KIND}give/", name="give-many"),
    path(f"{KIND}board/", board.board, name="board"),
    path(f"{KIND}calendar/", calendars.calendar, name="calendar"),
    path(f"{KIND}map/", calendars.on_map, name="map"),
    path(f"{KIND}figures/", figures.figures, name="figures"),
    case.CasePage.path(ONE, name="case"),
    case.Unmasked.path(f"{ONE}personal/", name="unmask"),
    path(f"{ONE}print/", printing.printed, name="print"),
    deeds.Step.path(f"{ONE}do/<slug:step>/", name="step"),
    deeds.Give.path(f"{ONE}give/", name="give"),
    deeds.Note.path(f"{ONE}note/", name="note"),
    deeds.Edit.path(f"{ONE}edit/", name="edit"),
    deeds.Pause.path(f"{ONE}pause/", name="pause"),
    deeds.Resume.path(f"{ONE}resume/", name="resume"),
    mending.Mend.path(f"{ONE}mend/", name="mend"),
    answering.CallBack.path(f"{ONE}call-back/", name="call-back"),
    answering.Reopen.path(f"{ONE}reopen/", name="reopen"),
    relating.Relate.path(f"{ONE}relate/", name="relate"),
    relating.Unrelate.path(f"{ONE}unrelate/<slug:how>/<case_number:other>/", name="unrelate"),
]

urlpatterns = [path("", include((pages_of_cases, "cases")))]
