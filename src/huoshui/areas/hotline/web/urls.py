"""Addresses of the hotline."""

from __future__ import annotations

from django.urls import path

from huoshui.areas.hotline.web import (
    calls,
    city_line,
    desk,
    incidents,
    knowledge,
    listening,
    report,
    rota,
    topics,
)

app_name = "hotline"
urlpatterns = [
    path("hotline/desk/", desk.desk, name="desk"),
    path("hotline/desk/pop/", desk.pop_fragment, name="pop"),
    path("hotline/desk/find/", desk.find_fragment, name="find"),
    path("hotline/desk/answers/", desk.knowledge_fragment, name="answers"),
    path("hotline/desk/seat/", desk.seat, name="seat"),
    path("hotline/desk/question/", desk.keep_question, name="keep-question"),
    path("hotline/desk/<int:call_id>/similar/", desk.similar_fragment, name="similar"),
    path("hotline/desk/<int:call_id>/wrap/", desk.wrap, name="wrap"),
    path("hotline/wall/", report.wall, name="wall"),
    path("hotline/report/", report.report, name="report"),
    calls.Calls.path("hotline/calls/", name="calls"),
    calls.CallPage.path("hotline/calls/<int:call_id>/", name="call"),
    path("hotline/calls/<int:call_id>/unfold/", incidents.unfold, name="unfold"),
    listening.Judge.path("hotline/calls/<int:call_id>/judge/", name="judge"),
    incidents.Incidents.path("hotline/incidents/", name="incidents"),
    incidents.IncidentPage.path("hotline/incidents/<int:incident_id>/", name="incident"),
    incidents.Known.path("hotline/incidents/<int:incident_id>/known/", name="known"),
    path("hotline/incidents/<int:incident_id>/<int:member_id>/called-back/",
         incidents.called_back, name="called-back"),
    topics.Topics.path("hotline/topics/", name="topics"),
    topics.NewTopic.path("hotline/topics/new/", name="new-topic"),
    topics.EditTopic.path("hotline/topics/<slug:code>/", name="topic"),
    path("hotline/topics/<slug:code>/retire/", topics.retire, name="retire-topic"),
    knowledge.Articles.path("hotline/knowledge/", name="articles"),
    knowledge.Write.path("hotline/knowledge/new/", name="new-article"),
    knowledge.Questions.path("hotline/knowledge/questions/", name="questions"),
    knowledge.ArticlePage.path("hotline/knowledge/<slug:code>/", name="article"),
    knowledge.Write.path("hotline/knowledge/<slug:code>/write/", name="write-article"),
    path("hotline/knowledge/<slug:code>/approve/", knowledge.approve, name="approve-article"),
    path("hotline/knowledge/<slug:code>/retire/", knowledge.retire, name="retire-article"),
    path("guide/", knowledge.for_customers, name="guide"),
    path("guide/<slug:code>/", knowledge.one_for_customers, name="guide-article"),
    rota.Rota.path("hotline/rota/", name="rota"),
    rota.PlanShift.path("hotline/rota/plan/", name="plan-shift"),
    rota.ShiftPage.path("hotline/rota/<int:shift_id>/", name="shift"),
    rota.OfferShift.path("hotline/rota/<int:shift_id>/offer/", name="offer-shift"),
    path("hotline/rota/<int:shift_id>/accept/", rota.accept_shift, name="accept-shift"),
    path("hotline/rota/<int:shift_id>/cancel/", rota.cancel_shift, name="cancel-shift"),
    listening.Listenings.path("hotline/listening/", name="listenings"),
    listening.ListeningPage.path("hotline/listening/<int:listening_id>/", name="listening"),
    listening.Improved.path("hotline/listening/<int:listening_id>/done/", name="improved"),
    city_line.CityTickets.path("hotline/city-line/", name="city-tickets"),
    city_line.Repeated.path("hotline/city-line/repeated/", name="repeated"),
]  # fmt: skip
