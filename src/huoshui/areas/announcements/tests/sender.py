"""A process that sends until nothing is left; the test beside this file kills it in the middle.

It takes messages that another process left claimed at once, because the test does not wait.
"""

from __future__ import annotations

import os
import sys
from datetime import timedelta

import django


def main() -> None:
    """Send everything; a word on the way tells the test that it has begun."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huoshui.project.settings")
    django.setup()
    from huoshui.areas.announcements import outbox

    outbox.LEASE = timedelta(0)
    outbox.BATCH = 8
    outbox.take_back_abandoned()
    outbox.LEASE = timedelta(minutes=5)
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    while outbox.send_slice(seconds=60):
        pass


if __name__ == "__main__":
    main()
