"""The parts of the organisation, which of them belongs to which, from when until when.

`tree.on` gives the tree of a day; `scope` keeps the rows that a reader may see when their post is
limited to a part. What a unit was called, and where it belonged, is never overwritten.
"""

from huoshui.kernel.organisation.reach import scope

__all__ = ["scope"]
