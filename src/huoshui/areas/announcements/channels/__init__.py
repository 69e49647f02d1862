"""Channels: how words leave the house. One module for each; all off until somebody sets them up.

To add one: a module with a class that keeps to `base.Channel`, and its line in ``KNOWN``. The
interface is described in docs/reference/channels.md.
"""

from __future__ import annotations

from huoshui.areas.announcements.channels import email, sms, wechat
from huoshui.areas.announcements.channels.base import Channel
from huoshui.areas.announcements.contracts import Way

KNOWN: dict[str, Channel] = {
    Way.WECHAT: wechat.WeChat(),
    Way.SMS: sms.Sms(),
    Way.EMAIL: email.Email(),
}
