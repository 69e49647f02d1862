"""Files that people hand in: checked, stored under the hash of their content, shown by permission."""

from huoshui.kernel.files.store import keep

__all__ = ["keep"]
