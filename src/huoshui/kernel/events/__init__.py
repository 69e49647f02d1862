"""Facts that areas tell each other through an outbox in the same transaction.

`publish` writes the fact with the deed; the worker delivers it to each listener at least once.
Publishers do not know who listens.
"""

from huoshui.kernel.events.outbox import listen, publish
from huoshui.kernel.events.words import name_event

__all__ = ["listen", "name_event", "publish"]
