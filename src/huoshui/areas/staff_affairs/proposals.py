"""A staff proposal: studied alone, promised with measure, person and day, done, and asked about."""

from django.utils.translation import gettext_lazy as _

from huoshui.kernel import cases
from huoshui.kernel.accounts import posts

CODE = "staff_affairs.proposal"


def declare() -> None:
    """Declare the case type; no proposal is closed without measure, person, day and call-back."""
    promise = (cases.NeedsField("measure"), cases.NeedsOwner(), cases.NeedsDeadline())
    asked = (*promise, cases.NeedsCallBack(), cases.NeedsSecondPerson("finish"))
    late = (cases.Escalate(cases.minutes(0), "manager"),)
    step, note = cases.Transition, (cases.NeedsNote(),)
    cases.declare(
        cases.CaseType(
            code=CODE,
            label=_("Staff proposal"),
            plural=_("Staff proposals"),
            prefix="SP",
            icon="bulb",
            tell_opener=True,
            states=(
                cases.State("raised", _("Raised"), posts=("manager",)),
                cases.State("promised", _("Promised")),
                cases.State("finished", _("Finished, to be asked"), "waiting", posts=("manager",)),
                cases.State("closed", _("Closed, proposer content"), "done"),
                cases.State("declined", _("Declined with a reason"), "cancelled"),
            ),
            transitions=(
                step("promise", _("Promise"), ("raised",), "promised", "decide", promise),
                step("decline", _("Decline"), ("raised",), "declined", "decide", note),
                step("finish", _("Finish"), ("promised",), "finished", "open", note, only="owner"),
                step("close", _("Close"), ("finished",), "closed", "decide", asked),
            ),
            fields=(
                cases.Field("wish", _("What is wished"), "long_text", required=True),
                cases.Field("measure", _("Measure"), "long_text"),
            ),
            clocks=(
                cases.Clock("study", _("Study and answer"), cases.working_days(10), ("promised",)),
                cases.Clock("keep", _("Keep the promise"), cases.agreed(), ("finished",),
                            ("promised",), escalate=late),
                cases.Clock("ask", _("Ask the proposer"), cases.working_days(3), ("promised",),
                            ("finished",)),
            ),
            call_back=cases.CallBack(("finished",), "decide", "closed", "promised"),
            reopen=cases.Reopen("promised", "decide", clock="keep"),
            permissions=(
                cases.Permission("read", _("See staff proposals"), tuple(posts.POSTS)),
                cases.Permission("open", _("Make a staff proposal"), tuple(posts.POSTS)),
                cases.Permission("decide", _("Decide on staff proposals"), ("manager",)),
            ),
        )
    )  # fmt: skip
