"""What may be written into the fields of a case, checked by kind before it is kept."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from django.utils.translation import gettext as _

from huoshui.kernel.cases import refusals
from huoshui.kernel.cases.declaring import CaseType, Field

TEXT_MAX, LONG_MAX = 500, 20_000


class _Unusable(Exception):
    """A value that does not fit its field; the message is the reason."""


def checked(case_type: CaseType, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as they are stored; an empty one is None.

    Refuses with `cases.not_usable`, naming every field that is unknown or does not fit.
    """
    found: dict[str, Any] = {}
    problems: dict[str, Any] = {}
    for code, value in given.items():
        field = case_type.field(code)
        if field is None:
            problems[code] = _("there is no field %(code)s") % {"code": code}
            continue
        try:
            found[code] = _stored(field, value)
        except _Unusable as reason:
            problems[code] = f"{field.label}: {reason}"
        else:
            if field.kind == "photo" and found[code] and not _are_ours(case_type, found[code]):
                problems[code] = f"{field.label}: {_('a photo was not kept for such cases')}"
    if problems:
        raise refusals.NotUsable(problems)
    return found


def _are_ours(case_type: CaseType, keys: list[int]) -> bool:
    """Tell whether files were kept as photos of such cases, and not for something else."""
    from huoshui.kernel.files.models import StoredFile

    known = StoredFile.objects.filter(pk__in=keys, kind=case_type.photo_kind)
    return known.count() == len(set(keys))


def photos_in(case_type: CaseType, found: Mapping[str, Any]) -> dict[str, list[int]]:
    """Return the keys of photos among checked values, by the field they fill."""
    return {
        one.code: found[one.code]
        for one in case_type.fields
        if one.kind == "photo" and found.get(one.code)
    }


def is_filled(value: Any) -> bool:
    """Tell whether a field holds something; no is an answer, nothing is none."""
    return value not in (None, "", [])


def _stored(field: Field, value: Any) -> Any:
    if isinstance(value, str):
        value = value.strip()
    if not is_filled(value):
        return None
    return _KINDS[field.kind](field, value)


def _text(field: Field, value: Any) -> str:
    most = LONG_MAX if field.kind == "long_text" else TEXT_MAX
    words = str(value)
    if len(words) > most:
        raise _Unusable(_("longer than %(most)d characters") % {"most": most})
    return words


def number(value: Any) -> float | int:
    """Return a number as it is stored; raises ValueError for what is none."""
    if isinstance(value, bool):
        raise ValueError(value)
    found = float(value)
    if not math.isfinite(found):
        raise ValueError(value)
    return int(found) if found.is_integer() and abs(found) < 2**53 else found


def _number(field: Field, value: Any) -> float | int:
    try:
        return number(value)
    except (TypeError, ValueError, OverflowError):
        raise _Unusable(_("not a number")) from None


def _choice(field: Field, value: Any) -> str:
    if value not in dict(field.choices):
        raise _Unusable(_("%(value)s is none of the choices") % {"value": value})
    return str(value)


def _yes_no(field: Field, value: Any) -> bool:
    known = {True: True, False: False, "true": True, "false": False, "yes": True, "no": False}
    if not isinstance(value, (bool, str)) or value not in known:
        raise _Unusable(_("neither yes nor no"))
    return known[value]


def _date(field: Field, value: Any) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        return date.fromisoformat(str(value)).isoformat()
    except ValueError:
        raise _Unusable(_("not a day such as 2026-03-01")) from None


def _moment(field: Field, value: Any) -> str:
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    except ValueError:
        raise _Unusable(_("not a moment such as 2026-03-01T08:00+08:00")) from None
    if moment.tzinfo is None:
        raise _Unusable(_("a moment without its time zone"))
    return moment.astimezone(UTC).isoformat()


def _phone(field: Field, value: Any) -> str:
    words = str(value)
    digits = sum(one.isdigit() for one in words)
    if not 3 <= digits <= 20 or len(words) > 32:
        raise _Unusable(_("not a telephone number"))
    return words


def _person(field: Field, value: Any) -> int:
    from huoshui.kernel.accounts.models import User

    key = getattr(value, "pk", value)
    try:
        found = User.objects.filter(pk=int(key), is_active=True).exists()
    except (TypeError, ValueError):
        found = False
    if not found:
        raise _Unusable(_("nobody who works here"))
    return int(key)


def _photo(field: Field, value: Any) -> list[int]:
    try:
        return [int(one) for one in (value if isinstance(value, (list, tuple)) else [value])]
    except (TypeError, ValueError):
        raise _Unusable(_("not a photo")) from None


_KINDS: dict[str, Callable[[Field, Any], Any]] = {
    "text": _text,
    "long_text": _text,
    "number": _number,
    "choice": _choice,
    "yes_no": _yes_no,
    "date": _date,
    "moment": _moment,
    "phone": _phone,
    "person": _person,
    "photo": _photo,
}


def store(case: Any, case_type: CaseType, found: Mapping[str, Any]) -> dict[str, Any]:
    """Put checked values into a case and its personal data; return what may be told of them.

    The answer holds the public values that changed, and only the names of private ones.
    """
    from huoshui.kernel.cases.models import CasePrivate

    public = {code: v for code, v in found.items() if not _is_private(case_type, code)}
    private = {code: v for code, v in found.items() if _is_private(case_type, code)}
    changed = {code: v for code, v in public.items() if case.values.get(code) != v}
    # A field that became personal data since leaves what everybody reads.
    case.values = {c: v for c, v in {**case.values, **changed}.items() if c not in private}
    told: dict[str, Any] = {}
    if changed:
        told["fields"] = changed
    if private:
        row = CasePrivate.objects.filter(case=case).first() or CasePrivate(case=case)
        hidden = sorted(code for code, v in private.items() if row.values.get(code) != v)
        row.values = {**row.values, **private}
        row.save()
        if hidden:
            told["private"] = hidden
    return told


def _is_private(case_type: CaseType, code: str) -> bool:
    field = case_type.field(code)
    return field is not None and field.private


def all_of(case: Any) -> dict[str, Any]:
    """Return every value of a case, for deciding what is filled; never for showing."""
    from huoshui.kernel.cases.models import CasePrivate

    row = CasePrivate.objects.filter(case=case).first()
    return {**case.values, **(row.values if row else {})}


def wrong_with_spot(lon: float | None, lat: float | None) -> str:
    """Return what is wrong with a place in degrees; empty where it is none, or one on earth."""
    if (lon is None) != (lat is None):
        return _("a place needs both longitude and latitude")
    if lon is not None and lat is not None and not (abs(lon) <= 180 and abs(lat) <= 90):
        return _("the place is not on earth")
    return ""
