"""What people see for the codes of announcements."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.announcements.contracts import DeliveryState, Kind, Risk, State, Way
from huoshui.kernel.pages import formats

# Words that mean something else on other pages.
FROM = pgettext_lazy("announcement", "From")
UNTIL = pgettext_lazy("announcement", "Until")
WORDS = pgettext_lazy("announcement", "Words")
PEOPLE = pgettext_lazy("announcement", "People")
WHERE = pgettext_lazy("announcement", "Where")
RELEASED = pgettext_lazy("announcement", "Released")
MESSAGES = pgettext_lazy("announcement", "Messages")
CHANNELS = pgettext_lazy("announcement", "Channels")
SENT = pgettext_lazy("announcement", "Sent")
GROUP = pgettext_lazy("announcement", "Group")

KINDS: dict[str, Any] = {
    Kind.PLANNED_OUTAGE: _("Planned outage"),
    Kind.BURST: _("Burst pipe"),
    Kind.FREEZE: _("Freeze warning"),
    Kind.WATER_QUALITY: _("Water quality"),
    Kind.TARIFF: _("Tariff"),
    Kind.OTHER: _("Other announcement"),
}
KIND_COLOURS: dict[str, str] = {
    Kind.PLANNED_OUTAGE: "blue",
    Kind.BURST: "red",
    Kind.FREEZE: "cyan",
    Kind.WATER_QUALITY: "orange",
    Kind.TARIFF: "purple",
    Kind.OTHER: "secondary",
}
STATES: dict[str, tuple[Any, str]] = {
    State.DRAFT: (pgettext_lazy("announcement", "Draft"), "secondary"),
    State.WAITING: (_("Waiting for a second person"), "yellow"),
    State.QUEUING: (_("Being queued"), "blue"),
    State.SENDING: (_("Being sent"), "blue"),
    State.DONE: (_("Sent out"), "green"),
    State.RECALLED: (_("Taken back"), "red"),
}
WAYS: dict[str, Any] = {
    Way.IN_APP: _("Inbox of staff"),
    Way.POSTER: _("Poster"),
    Way.SMS: _("Short message"),
    Way.WECHAT: _("WeChat"),
    Way.EMAIL: _("E-mail"),
}
DELIVERY_STATES: dict[str, tuple[Any, str]] = {
    DeliveryState.QUEUED: (pgettext_lazy("message", "Queued"), "blue"),
    DeliveryState.HELD: (_("If the channel before fails"), "secondary"),
    DeliveryState.SENDING: (_("On its way"), "blue"),
    DeliveryState.SENT: (pgettext_lazy("message", "Sent"), "cyan"),
    DeliveryState.DELIVERED: (pgettext_lazy("message", "Delivered"), "green"),
    DeliveryState.READ: (pgettext_lazy("message", "Opened"), "green"),
    DeliveryState.FAILED: (pgettext_lazy("message", "Failed"), "red"),
    DeliveryState.CANCELLED: (_("Stopped"), "secondary"),
    DeliveryState.LEFT_OUT: (_("Not sent"), "yellow"),
}
GROUPS: dict[str, Any] = {
    "opened": _("Told, and opened it"),
    "told": _("Told, not known to have opened it"),
    "missed": _("Meant, but not reached"),
    "others": _("Not addressed, in the same estates"),
}
GROUP_COLOURS = {"opened": "green", "told": "cyan", "missed": "yellow", "others": "secondary"}
RISKS: dict[str, Any] = {
    Risk.SPECIAL_CARE: _("Customers in special care"),
    Risk.FROST: _("Meters exposed to frost"),
}
WHY: dict[str, Any] = {
    "everyone": _("all customers"),
    "polygon": _("in the drawn area"),
    "estate": _("estate"),
    "zone": _("zone"),
    "trace": _("cut off by the outage"),
    "risk": _("special care"),
    "frost": _("meter exposed to frost"),
    "list": _("list brought in"),
}
REASONS: dict[str, Any] = {
    "no_address": _("no contact data for this channel"),
    "opted_out": _("wants no messages here"),
    "not_needed": _("reached over another channel"),
    "outcome_unknown": _("not known whether it went out"),
    "too_often": _("tried too often"),
    "bad_address": _("the address does not exist"),
    "blocked": _("blocked by the recipient or the provider"),
    "not_following": _("does not follow the official account"),
    "template_wrong": _("the provider's template does not fit"),
    "text_refused": _("the provider refuses the text"),
    "refused": _("refused by the provider"),
    "not_delivered": _("the provider could not deliver it"),
    "rate_limit": _("the provider asks us to wait"),
    "sign_in_failed": _("the provider does not accept our sign-in"),
    "no_credit": _("our account at the provider is empty"),
    "unreachable": _("the provider cannot be reached"),
    "host_not_allowed": _("the host is not allowed on this server"),
    "timeout": _("the provider did not answer in time"),
    "cut_off": _("the connection was cut off"),
    "gateway_broken": _("the provider has a fault"),
    "not_understood": _("the provider's answer was not understood"),
    "busy": _("the provider is busy"),
    "broken": _("a fault of ours; see the log"),
    "recalled": _("the announcement was taken back"),
    "over": _("what it announces was over"),
}


def reason(code: str) -> Any:
    """Return why a message did not go, in words; nothing for no reason."""
    return REASONS.get(code, REASONS["refused"]) if code else ""


def why(codes: str) -> str:
    """Return in words why somebody was chosen."""
    return formats.listed(WHY.get(one.partition(":")[0], one) for one in codes.split(",") if one)
