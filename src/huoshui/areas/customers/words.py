"""What people see for the codes of customers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huoshui.areas.customers.contracts import (
    AccountState,
    CareReason,
    Channel,
    FindingTopic,
    PersonKind,
    PlanState,
    Role,
    SupervisorKind,
    VoiceForm,
    VoiceKind,
)

STATES = {
    AccountState.ACTIVE: (pgettext_lazy("account", "In use"), "green"),
    AccountState.CUT_OFF: (_("Cut off"), "orange"),
    AccountState.CLOSED: (pgettext_lazy("account", "Closed"), "secondary"),
}
STATE_LABELS = {str(code): label for code, (label, _colour) in STATES.items()}
KINDS: dict[str, Any] = {PersonKind.PERSON: _("Private person"), PersonKind.COMPANY: _("Company")}
ROLES = {
    "holder": _("Holder"),
    Role.TENANT: _("Tenant"),
    Role.FAMILY: _("Family"),
    Role.CONTACT: _("Contact"),
}
CHANNELS = {
    Channel.SMS: _("Text message"),
    Channel.WECHAT: _("WeChat"),
    Channel.EMAIL: _("E-mail"),
    Channel.CALL: _("Call"),
}
REASONS = {
    CareReason.ELDERLY: _("Old and alone"),
    CareReason.DISABLED: _("Disabled"),
    CareReason.ILL: _("Ill at home"),
    CareReason.LOW_INCOME: _("Low income"),
    CareReason.DIALYSIS: _("Dialysis at home"),
    CareReason.OTHER: _("Another reason"),
}
TOPICS = {
    FindingTopic.OPERATION: _("Operation"),
    FindingTopic.INTEGRITY: _("Integrity"),
    FindingTopic.QUALITY: pgettext_lazy("service", "Quality"),
    FindingTopic.CLIMATE: _("Business climate"),
}
SUPERVISOR_KINDS = {
    SupervisorKind.GOVERNMENT: _("Government"),
    SupervisorKind.UNIVERSITY: _("University"),
    SupervisorKind.MEDIA: _("Media"),
    SupervisorKind.PROPERTY: _("Property management"),
    SupervisorKind.RESIDENT: _("Residents"),
}
VOICE_KINDS = {
    VoiceKind.PRAISE: (_("Praise"), "green"),
    VoiceKind.COMPLAINT: (_("Complaint"), "red"),
}
VOICE_FORMS = {
    VoiceForm.BANNER: _("Silk banner"),
    VoiceForm.LETTER: _("Letter"),
    VoiceForm.CALL: _("Call"),
    VoiceForm.VISIT: _("In person"),
    VoiceForm.CITY_HOTLINE: _("City hotline 12345"),
    VoiceForm.ONLINE: _("Online"),
}
PLAN_STATES = {
    PlanState.PROPOSED: (_("Waits for approval"), "orange"),
    PlanState.APPROVED: (_("Approved"), "green"),
    PlanState.REFUSED: (_("Refused"), "secondary"),
}
HOW = {
    "account": _("Account number"),
    "meter": _("Meter number"),
    "phone": _("Telephone"),
    "address": _("Address"),
    "name": _("Name"),
    "words": _("Words of the address"),
}

EXCHANGE_PROBLEMS: dict[str, tuple[Any, str]] = {
    "": (pgettext_lazy("exchange", "In the register"), "green"),
    "unknown_meter": (_("Old meter is not in the register"), "orange"),
    "number_taken": (_("New number hangs elsewhere"), "red"),
    "other_account": (_("Old meter belongs to another account"), "red"),
    "told_twice": (pgettext_lazy("exchange", "Told twice"), "secondary"),
}
BASES = {
    "metered": _("Mean day before the stop"),
    "year": _("Mean day of a year"),
    "not_stopped": _("Ran until the exchange"),
    "nothing": _("Nothing to go by"),
}
