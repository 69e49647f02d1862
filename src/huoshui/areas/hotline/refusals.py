"""What the hotline refuses, and what to do then."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import errors


class NotSetUp(errors.Refused):
    """No secret is agreed with the telephone system, so nothing can be checked."""

    status = 403

    def __init__(self) -> None:
        super().__init__(
            "hotline.telephony_not_set_up",
            _("This installation takes no calls from a telephone system."),
            next_step=_("Run ./huoshui setup, and give the telephone system the secret it made."),
        )


class SignatureWrong(errors.Refused):
    """A message is not signed with our secret."""

    status = 401

    def __init__(self) -> None:
        super().__init__(
            "hotline.signature_wrong",
            _("The signature does not fit the message."),
            next_step=_("Sign timestamp, a point and the very bytes of the body with HMAC-SHA256."),
        )


class SignatureOld(errors.Refused):
    """A message was signed too long ago, or too far ahead."""

    status = 401

    def __init__(self, age_s: float) -> None:
        super().__init__(
            "hotline.signature_old",
            _("The message was signed at another time than now."),
            data={"age_s": round(age_s)},
            next_step=_("Set the clock of the telephone system, and sign each sending anew."),
        )


class EventNotReadable(errors.Refused):
    """A message does not say what we need; every problem is named."""

    status = 422

    def __init__(self, problems: list[str]) -> None:
        super().__init__(
            "hotline.event_not_readable",
            _("This is no event of a call that we understand."),
            data={"problems": problems},
            next_step=_("See the description of call events in the documentation."),
        )


class EventAhead(errors.Refused):
    """An event says it happens in the future."""

    status = 422

    def __init__(self, at: datetime) -> None:
        super().__init__(
            "hotline.event_ahead",
            _("The event is said to have happened in the future."),
            data={"at": at.isoformat()},
            next_step=_("Set the clock of the telephone system."),
        )


class EventIdReused(errors.Refused):
    """An event's own name came a second time with other content: one of the two would be lost."""

    status = 422

    def __init__(self, call: str, event_id: str) -> None:
        super().__init__(
            "hotline.event_id_reused",
            _("This event was told before, with other content."),
            data={"call_id": call, "event_id": event_id},
            next_step=_("Give each event a name of its own."),
        )


class NoSuch(errors.Refused):
    """Something was named that the hotline does not have."""

    status = 404

    def __init__(self, what: str, key: Any) -> None:
        super().__init__(
            f"hotline.no_such_{what}",
            _("There is no such entry: %(key)s.") % {"key": key},
            data={what: str(key)},
            next_step=_("Load the list again and choose from it."),
        )


class ExtensionTaken(errors.Refused):
    """Somebody else sits at the extension."""

    def __init__(self, extension: str, name: str) -> None:
        super().__init__(
            "hotline.extension_taken",
            _("%(name)s sits at extension %(extension)s.") % {"name": name, "extension": extension},
            data={"extension": extension, "name": name},
            next_step=_("Name the extension of your own telephone."),
        )


class NeedsValue(errors.Refused):
    """Something must be said before this can be done."""

    status = 422

    def __init__(self, field: str, message: Any) -> None:
        super().__init__(
            "hotline.needs_value",
            message,
            data={"field": field},
            next_step=_("Fill it in and try again."),
        )


class NotNow(errors.Refused):
    """The thing has moved on, so this step is not possible any more."""

    def __init__(self, message: Any, **data: Any) -> None:
        super().__init__(
            "hotline.not_now",
            message,
            data=data,
            next_step=_("Load the page again to see how it stands."),
        )


class SamePerson(errors.Refused):
    """Who did the one may not also do the other."""

    def __init__(self, message: Any) -> None:
        super().__init__(
            "hotline.same_person",
            message,
            next_step=_("Ask a colleague to do it."),
        )
