"""Addresses of patrols."""

from huoshui.areas.fieldwork.patrol.web import (
    findings,
    making,
    missing,
    proposals,
    rounds,
    sites,
    walks,
)

urlpatterns = [
    rounds.Rounds.path("rounds/", name="rounds"),
    making.NewRound.path("rounds/new/", name="new-round"),
    missing.Missed.path("rounds/missed/", name="missed"),
    missing.Pieces.path("rounds/pieces/", name="pieces"),
    proposals.Proposals.path("rounds/proposed/", name="proposals"),
    proposals.ProposalPage.path("rounds/proposed/<int:number>/", name="proposal"),
    proposals.Accept.path("rounds/proposed/<int:number>/accept/", name="accept-proposal"),
    proposals.Decline.path("rounds/proposed/<int:number>/decline/", name="decline-proposal"),
    rounds.RoundPage.path("rounds/<slug:code>/", name="round"),
    making.ChangeRound.path("rounds/<slug:code>/change/", name="change-round"),
    walks.ImportTrack.path("rounds/<slug:code>/track/", name="import-track"),
    walks.Walks.path("walks/", name="walks"),
    walks.WalkPage.path("walks/<int:number>/", name="walk"),
    findings.Findings.path("findings/", name="findings"),
    findings.FindingPage.path("findings/<int:number>/", name="finding"),
    findings.FindingJob.path("findings/<int:number>/job/", name="finding-job"),
    findings.Hazards.path("hazards/", name="hazards"),
    sites.Sites.path("sites/", name="sites"),
    sites.NewSite.path("sites/new/", name="new-site"),
    sites.SitePage.path("sites/<str:number>/", name="site"),
    sites.ChangeSite.path("sites/<str:number>/change/", name="change-site"),
    sites.SiteMoneyPage.path("sites/<str:number>/money/<slug:what>/", name="site-money"),
    sites.SiteEventPage.path("sites/<str:number>/<slug:what>/", name="site-event"),
]
