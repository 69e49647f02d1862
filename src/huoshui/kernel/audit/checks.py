"""What the health page says of the audit trail."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import health
from huoshui.kernel.audit import trail


def end_of_the_chain() -> Iterator[health.Finding]:
    """Say whether the end of the chain is what the product itself wrote."""
    problems = trail.problems_of_the_end()
    if problems:
        yield health.Finding(
            health.FAILING,
            _("The audit trail does not end as it should: %(problems)s")
            % {"problems": "; ".join(problems)},
            remedy=_("Run ./huoshui audit verify. After a restored backup this is expected."),
            url="/system/audit/",
        )
