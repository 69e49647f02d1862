"""What fieldwork refuses, and what to do then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.utils.translation import gettext as _

from huoshui.areas.fieldwork import contracts, models, rules
from huoshui.kernel import errors


class NoSuchJob(errors.Refused):
    """A job was named that does not exist."""

    def __init__(self, number: str) -> None:
        super().__init__(
            "fieldwork.no_such_job",
            _("There is no job %(number)s.") % {"number": number},
            status=404,
            data={"number": number},
            next_step=_("Look it up in the list of jobs."),
        )


class NoPlace(errors.Refused):
    """A job was asked for without saying where."""

    def __init__(self) -> None:
        super().__init__(
            "fieldwork.no_place",
            _("The job does not say where it is."),
            status=422,
            next_step=_("Name an asset, a zone or a spot on the map."),
        )


class LeakWithoutPlace(errors.Refused):
    """A report found a leak and does not say where."""

    def __init__(self) -> None:
        super().__init__(
            "fieldwork.leak_without_place",
            _("A leak was found, but the report does not say at which asset."),
            status=422,
            next_step=_("Please say at which asset the leak was."),
        )


class UnknownPlace(errors.Refused):
    """A job names an asset or zone the network does not have."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "fieldwork.unknown_place",
            _("The network has nothing called %(code)s.") % {"code": code},
            status=422,
            data={"code": code},
            next_step=_("Check the number on the map or in the list of assets."),
        )


class DueInThePast(errors.Refused):
    """A job would be overdue from birth."""

    def __init__(self, due_at: datetime) -> None:
        super().__init__(
            "fieldwork.due_in_the_past",
            _("The job would be due before it is asked for."),
            status=422,
            data={"due_at": due_at.isoformat()},
            next_step=_("Choose a later moment."),
        )


class NotInThisState(errors.Refused):
    """A job's present state does not allow the step."""

    def __init__(self, job: models.Job, then: contracts.JobState) -> None:
        super().__init__(
            "fieldwork.not_in_this_state",
            _("Job %(number)s has moved on in the meantime; this step is not possible now.")
            % {"number": job.number},
            data={"number": job.number, "state": job.state, "asked": str(then)},
            next_step=_("Open the job again to see where it stands."),
        )


class NotACrewMember(errors.Refused):
    """A job was to be given to somebody who may not report jobs."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "fieldwork.not_a_crew_member",
            _("%(name)s does not belong to a field crew.") % {"name": name},
            data={"name": name},
            next_step=_("Choose somebody who holds a field crew post."),
        )


class NotYourJob(errors.Refused):
    """A crew member reported a job that another one has."""

    def __init__(self, job: models.Job) -> None:
        super().__init__(
            "fieldwork.not_your_job",
            _("Job %(number)s is with somebody else.") % {"number": job.number},
            status=403,
            data={"number": job.number},
            next_step=_("Ask the crew leader to give the job to you."),
        )


class SamePersonMayNotClose(errors.Refused):
    """Whoever reported a job may not confirm it as well."""

    def __init__(self, job: models.Job) -> None:
        super().__init__(
            "fieldwork.same_person_may_not_close",
            _("You reported job %(number)s yourself; a second person must check it.")
            % {"number": job.number},
            data={"number": job.number},
            next_step=_("Ask the dispatcher or another crew leader to close it."),
        )


class ReasonMissing(errors.Refused):
    """A step that needs a reason came without one."""

    def __init__(self) -> None:
        super().__init__(
            "fieldwork.reason_missing",
            _("Please say why."),
            status=422,
            next_step=_("Write one sentence for those who read this later."),
        )


class TooManyPhotos(errors.Refused):
    """A report carries more photos than we keep."""

    def __init__(self, count: int) -> None:
        most = rules.PHOTOS_PER_REPORT_MAX
        super().__init__(
            "fieldwork.too_many_photos",
            _("A report keeps at most %(most)s photos; this one has %(count)s.")
            % {"most": most, "count": count},
            status=422,
            data={"count": count, "most": most},
            next_step=_("Keep the ones that show the place, the damage and the repair."),
        )


class NoSuch(errors.Refused):
    """Something was named that does not exist or is retired."""

    def __init__(self, what: str, code: object) -> None:
        super().__init__(
            "fieldwork.no_such_thing",
            _("There is nothing called %(code)s here.") % {"code": code},
            status=404,
            data={"what": what, "code": str(code)},
            next_step=_("Go back to the list and choose from there."),
        )


class WindowImpossible(errors.Refused):
    """A time window would end before it begins."""

    def __init__(self) -> None:
        super().__init__(
            "fieldwork.window_impossible",
            _("The job would have to be begun before it may be begun."),
            status=422,
            next_step=_("Let the time window end after its beginning."),
        )


class CrewEmpty(errors.Refused):
    """A job was to be given to a crew without people."""

    def __init__(self, crew: models.Crew) -> None:
        super().__init__(
            "fieldwork.crew_empty",
            _("Nobody belongs to %(crew)s now.") % {"crew": crew.name},
            data={"crew": crew.code},
            next_step=_("Choose another crew, or add people to this one."),
        )


class GivenMeanwhile(errors.Refused):
    """Two people gave one job: the second is told, and overwrites nothing unknowingly."""

    def __init__(self, job: models.Job, step: models.JobEvent | None) -> None:
        who = str(step.by) if step is not None and step.by else _("the system")
        crew = job.crew
        words = (
            _("%(who)s gave job %(number)s to %(crew)s in the meantime.")
            if crew
            else _("%(who)s took job %(number)s back in the meantime.")
        )
        super().__init__(
            "fieldwork.given_meanwhile",
            words % {"who": who, "number": job.number, "crew": crew.name if crew else ""},
            data={
                "number": job.number,
                "crew": crew.code if crew else "",
                "at": step.at.isoformat() if step is not None else "",
            },
            next_step=_("Leave it so, or do it all the same."),
        )


class DayChanged(errors.Refused):
    """A job was to be put at a place of a day that looks different by now."""

    def __init__(self, crew: models.Crew) -> None:
        super().__init__(
            "fieldwork.day_changed",
            _("Somebody changed the jobs of %(crew)s in the meantime.") % {"crew": crew.name},
            data={"crew": crew.code},
            next_step=_("Look at its day now, then choose the place again."),
        )


class CodeTaken(errors.Refused):
    """A new thing would have the code of another."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "fieldwork.code_taken",
            _("The code %(code)s is taken.") % {"code": code},
            status=422,
            data={"code": code},
            next_step=_("Choose another code."),
        )


class ShiftsUnreadable(errors.Refused):
    """The days of a shift pattern are not written as we read them."""

    def __init__(self, text: str) -> None:
        super().__init__(
            "fieldwork.shifts_unreadable",
            _("The shift %(text)s cannot be read.") % {"text": text},
            status=422,
            data={"text": text},
            next_step=_("Write each day as 08:00-17:00, or - for a day off."),
        )


class NotEnoughStock(errors.Refused):
    """More was to be taken than lies there."""

    def __init__(
        self, store: models.Store, lacking: dict[str, int], names: Mapping[str, str]
    ) -> None:
        words = ", ".join(f"{names[part]} {count}" for part, count in lacking.items())
        super().__init__(
            "fieldwork.not_enough_stock",
            _("%(store)s does not hold enough; missing: %(words)s.")
            % {"store": store.name, "words": words},
            data={"store": store.code, "lacking": lacking},
            next_step=_("Take it from another store, or count first if more lies there."),
        )


class MoreBackThanWent(errors.Refused):
    """More of a part was to come back from a job than it was issued."""

    def __init__(self, job: models.Job, lacking: dict[str, int], names: Mapping[str, str]) -> None:
        words = ", ".join(f"{names[part]} {count}" for part, count in lacking.items())
        super().__init__(
            "fieldwork.more_back_than_went",
            _("Job %(number)s was not issued that much; too many: %(words)s.")
            % {"number": job.number, "words": words},
            data={"number": job.number, "too_many": lacking},
            next_step=_("Look which job it came from, or count the store."),
        )


class OwnDifference(errors.Refused):
    """Whoever booked a difference may not settle it as well."""

    def __init__(self) -> None:
        super().__init__(
            "fieldwork.own_difference",
            _("You booked this difference yourself; a second person must look at it."),
            next_step=_("Ask somebody else who keeps the stores to settle it."),
        )


class QuantityImpossible(errors.Refused):
    """A number of parts makes no sense."""

    def __init__(self, quantity: int) -> None:
        super().__init__(
            "fieldwork.quantity_impossible",
            _("%(quantity)s is not a number of parts.") % {"quantity": quantity},
            status=422,
            data={"quantity": quantity},
            next_step=_("Give a whole number above zero."),
        )


class PlanNotOpen(errors.Refused):
    """A proposal was to be changed that is decided, or not computed yet."""

    def __init__(self, plan: models.Plan) -> None:
        super().__init__(
            "fieldwork.plan_not_open",
            _("Proposal %(number)s cannot be changed now.") % {"number": plan.pk},
            data={"plan": plan.pk, "state": plan.state},
            next_step=_("Open the list of proposals, or ask for a new one."),
        )


class ProposalChanged(errors.Refused):
    """Somebody else moved a job of a proposal first."""

    def __init__(self, plan: models.Plan, number: str, crew: models.Crew | None) -> None:
        where = crew.name if crew else _("none of the crews")
        super().__init__(
            "fieldwork.proposal_changed",
            _("In the proposal job %(number)s is with %(crew)s in the meantime.")
            % {"number": number, "crew": where},
            data={"number": number, "crew": crew.code if crew else "", "plan": plan.pk, "at": ""},
            next_step=_("Leave it so, or do it all the same."),
        )


class NothingToPlan(errors.Refused):
    """A plan was asked for without jobs or without crews at work."""

    def __init__(self, jobs: int, crews: int) -> None:
        super().__init__(
            "fieldwork.nothing_to_plan",
            _("There is nothing to plan: %(jobs)s jobs, %(crews)s crews at work.")
            % {"jobs": jobs, "crews": crews},
            data={"jobs": jobs, "crews": crews},
            next_step=_("Look at the day asked for and at the shifts of the crews."),
        )


class MomentImpossible(errors.Refused):
    """A moment of a repair lies before the call or in the future."""

    def __init__(self, moment: datetime) -> None:
        super().__init__(
            "fieldwork.moment_impossible",
            _("A moment of the repair lies before the call or in the future."),
            status=422,
            data={"moment": moment.isoformat()},
            next_step=_("Look at day and hour again."),
        )


class StillLies(errors.Refused):
    """A part or store cannot be retired while something of it lies in the books."""

    def __init__(self, code: str, quantity: int) -> None:
        super().__init__(
            "fieldwork.still_lies",
            _("%(quantity)s pieces still lie there by the books of %(code)s.")
            % {"quantity": quantity, "code": code},
            data={"code": code, "quantity": quantity},
            next_step=_("Move or scrap them first, then take it out."),
        )
