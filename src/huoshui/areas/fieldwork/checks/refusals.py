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
            _("List %(code)s stands for these assets already.") % {"code": code},
            status=409,
            data={"list": code},
            next_step=_(
                "Change that list or retire it first, or let this one be asked only on rounds that "
                "name it."
            ),
        )


class NoSuchType(errors.Refused):
    """A list was to be for a type that its kind of asset does not have."""

    def __init__(self, kind: str, type_: str) -> None:
        super().__init__(
            "fieldwork.no_such_asset_type",
            _("Assets of the kind %(kind)s have no type %(type)s.") % {"kind": kind, "type": type_},
            status=422,
            data={"kind": kind, "type": type_},
            next_step=_("Choose one of the types, or the whole kind."),
        )


class NoSuchList(errors.Refused):
    """A round was to name check lists that there are not, or that are not used any more."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(
            "fieldwork.no_such_check_list",
            _("These check lists are not used: %(codes)s.") % {"codes": ", ".join(codes[:8])},
            status=422,
            data={"codes": list(codes[:100])},
            next_step=_("Choose among the lists that are used."),
        )


class ListsCollide(errors.Refused):
    """Two lists of one round were to be for the same assets."""

    def __init__(self, codes: Sequence[str]) -> None:
        super().__init__(
            "fieldwork.check_lists_collide",
            _("The lists %(codes)s are for the same assets.") % {"codes": ", ".join(codes[:8])},
            status=409,
            data={"codes": list(codes[:100])},
            next_step=_("An asset is asked by one list of a round: name one of them."),
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
            next_step=_("Make a check list for these assets, and give them a place."),
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
