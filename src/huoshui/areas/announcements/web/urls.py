"""Addresses of announcements."""

from __future__ import annotations

from django.urls import path

from huoshui.areas.announcements.web import (
    compose,
    deeds,
    detail,
    effect,
    lists,
    public,
    receipts,
    setting_up,
)

app_name = "announcements"
urlpatterns = [
    lists.AnnouncementList.path("announcements/", name="announcements"),
    compose.Words.path("announcements/new/", name="new"),
    setting_up.Channels.path("announcements/channels/", name="channels"),
    setting_up.Rules.path("announcements/rules/", name="rules"),
    setting_up.ChannelPage.path("announcements/channels/<slug:way>/", name="channel"),
    path("announcements/channels/<slug:way>/switch/", setting_up.switch, name="switch"),
    setting_up.Wordings.path("announcements/texts/", name="wordings"),
    setting_up.WordingPage.path("announcements/texts/new/", name="new_wording"),
    setting_up.WordingPage.path("announcements/texts/<int:pk>/", name="wording"),
    lists.People.path("announcements/recipients/", name="recipients"),
    lists.Messages.path("announcements/messages/", name="messages"),
    effect.Affected.path("announcements/affected/", name="affected"),
    path("announcements/list-template/", compose.list_template, name="list_template"),
    detail.AnnouncementPage.path("announcements/<slug:number>/", name="announcement"),
    compose.Words.path("announcements/<slug:number>/words/", name="words"),
    compose.People.path("announcements/<slug:number>/people/", name="people"),
    compose.Ways.path("announcements/<slug:number>/ways/", name="ways"),
    path("announcements/<slug:number>/effect/", effect.effect, name="effect"),
    path("announcements/<slug:number>/poster/", public.poster, name="poster"),
    path("announcements/<slug:number>/gather/", deeds.gather, name="gather"),
    path("announcements/<slug:number>/submit/", deeds.submit, name="submit"),
    path("announcements/<slug:number>/release/", deeds.release, name="release"),
    path("announcements/<slug:number>/give-back/", deeds.give_back, name="give_back"),
    path("announcements/<slug:number>/recall/", deeds.recall, name="recall"),
    path("announcements/<slug:number>/retry/", deeds.retry, name="retry"),
    path("announcements/<slug:number>/discard/", deeds.discard, name="discard"),
    path("public/announcements/", public.public_list, name="public_list"),
    path("public/announcements/feed.xml", public.feed, name="public_feed"),
    path("public/announcements/sms/", receipts.sms_receipts, name="sms_receipts"),
    path("public/announcements/wechat/", receipts.wechat_events, name="wechat_events"),
    path("public/announcements/<slug:token>/", public.public, name="public"),
]
