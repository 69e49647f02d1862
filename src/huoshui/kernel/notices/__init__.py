"""Messages of the product to its people, read in the product itself.

``notices.send(posts=("dispatcher",), title=_("..."), url="/jobs/7/", key="jobs.late:7")``, inside
the transaction of the deed it tells of.
"""

from huoshui.kernel.notices.sending import CRITICAL, INFO, WARNING, send, withdraw

__all__ = ["CRITICAL", "INFO", "WARNING", "send", "withdraw"]
