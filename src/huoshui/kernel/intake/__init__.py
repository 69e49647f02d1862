"""Tables from outside: read without ever trusting them, and say plainly what is wrong with each.

``tables`` opens CSV, Excel and Parquet; ``problems`` is what can be said about a file; ``report``
shows it in a terminal, on a page, in Excel and to programs.
"""

from huoshui.kernel.intake.problems import Found, Problem

__all__ = ["Found", "Problem"]
