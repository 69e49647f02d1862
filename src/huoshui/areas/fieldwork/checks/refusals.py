"""What checks of plants refuse, and what to do then."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from huoshui.kernel import errors


class KindHasList(errors.Refused):
    """A second list was to stand for a kind of asset."""

    def __init__(self, code: str) -> None:
        super().__init__(
            "fieldwork.kind_has_list",
            _("List %(code)s stands for this kind of asset already.") % {"code": code},
            status=409,
            data={"list": code},
            next_step=_("Change that list, or retire it first."),
        )


class CannotBeChecked(errors.Refused):
    """A round names assets without a place, or of a kind that no list says anything of."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(
            "fieldwork.cannot_be_checked",
            _("Nothing says what to look at, or where: %(codes)s.")
            % {"codes": ", ".join(codes[:8])},
            status=422,
            data={"codes": list(codes[:100])},
            next_step=_("Make a check list for this kind of asset, and give the asset a place."),
        )


class NothingToCheck(errors.Refused):
    """A round to plants was to be kept without assets, or with too many."""

    def __init__(self, count: int, most: int) -> None:
        super().__init__(
            "fieldwork.nothing_to_check",
            _("A round looks at 1 to %(most)s assets; these are %(count)s.")
            % {"count": count, "most": most},
            status=422,
            data={"count": count, "most": most},
            next_step=_("Write the numbers of the assets, or choose a zone and kinds."),
        )


class ListNotUsable(errors.Refused):
    """A check list was to be kept with lines that cannot be read."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(
            "fieldwork.check_list_not_usable",
            " ".join(problems[:12]),
            status=422,
            data={"problems": list(problems)},
            next_step=_("Put these lines right."),
        )


class AnswersNotUsable(errors.Refused):
    """A check was to be kept whose answers cannot be."""

    def __init__(self, items: Sequence[str]) -> None:
        super().__init__(
            "fieldwork.answers_not_usable",
            _("These answers cannot be: %(items)s.") % {"items": ", ".join(items[:8])},
            status=422,
            data={"items": list(items)},
            next_step=_("Look again and write them anew."),
        )
