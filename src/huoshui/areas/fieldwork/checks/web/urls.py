"""Addresses of checks."""

from huoshui.areas.fieldwork.checks.web import assets, history, lists, making, rounds

urlpatterns = [
    rounds.Rounds.path("", name="rounds"),
    making.NewRound.path("new/", name="new-round"),
    rounds.Overdue.path("missed/", name="missed"),
    history.Checks.path("history/", name="history"),
    history.CheckPage.path("history/<int:number>/", name="check"),
    lists.Lists.path("lists/", name="lists"),
    lists.NewList.path("lists/new/", name="new-list"),
    lists.ListOfKind.path("lists/<slug:code>/", name="list"),
    lists.ChangeList.path("lists/<slug:code>/change/", name="change-list"),
    assets.OfAsset.path("assets/<str:code>/", name="asset"),
    rounds.RoundPage.path("rounds/<slug:code>/", name="round"),
    making.ChangeRound.path("rounds/<slug:code>/change/", name="change-round"),
]
