"""Tracks that handheld receivers wrote as GPX files.

Read with the parser of the standard library, which names the line of what is wrong. A file that
declares a document type is refused: a track needs none, and entities are how such files do harm.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from huoshui.areas.fieldwork import models
from huoshui.areas.fieldwork.patrol import actions, belonging, ground, kinds, rules
from huoshui.kernel import clock, errors
from huoshui.kernel.accounts import permissions

if TYPE_CHECKING:
    from huoshui.kernel.accounts.models import User

BYTES_MAX = 20_000_000
PROBLEMS_SHOWN = 50


class NotATrack(errors.Refused):
    """A file is no GPX file with a track that can be used."""

    def __init__(self, why: str) -> None:
        super().__init__(
            "fieldwork.not_a_track",
            _("No track can be read from this file: %(why)s") % {"why": why},
            status=422,
            data={"why": why},
            next_step=_(
                "Let the receiver write the track as GPX 1.1, with the time of each place."
            ),
        )


@dataclass
class Track:
    """One track of a file: moment, longitude, latitude of each place that has all three."""

    fixes: list[tuple[datetime, float, float]] = field(default_factory=list)


@dataclass
class Taken:
    """What became of a file."""

    walks: list[models.PatrolWalk]
    problems: list[str]
    known: int = 0


class _Reader:
    """Follows the parser through one file."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self.tracks: list[Track] = []
        self.problems: list[str] = []
        self.problem_count = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._place: tuple[float, float] | None = None
        self._line = 0
        self._time: str | None = None
        self._reading = False

    def read(self, content: bytes) -> None:
        try:
            self._parser.Parse(content, True)
        except expat.ExpatError as error:
            raise NotATrack(_("line %(line)s is no XML") % {"line": error.lineno}) from None

    def _doctype(self, *_given: Any) -> None:
        raise NotATrack(_("it declares a document type"))

    def _start(self, name: str, given: dict[str, str]) -> None:
        local = name.rsplit(" ", 1)[-1]
        if local == "trk":
            self.tracks.append(Track())
        elif local == "trkpt" and self.tracks:
            self._line, self._time = self._parser.CurrentLineNumber, ""
            self._place = self._read_place(given)
        elif local == "time" and self._time is not None:
            self._reading = True

    def _text(self, text: str) -> None:
        if self._reading and self._time is not None:
            self._time += text

    def _end(self, name: str) -> None:
        local = name.rsplit(" ", 1)[-1]
        if local == "time":
            self._reading = False
        elif local == "trkpt" and self.tracks:
            self._keep(self.tracks[-1])
            self._time = self._place = None

    def _read_place(self, given: dict[str, str]) -> tuple[float, float] | None:
        try:
            lon, lat = float(given["lon"]), float(given["lat"])
        except (KeyError, ValueError):
            lon = lat = math.nan
        if abs(lon) <= 180 and abs(lat) <= 90:
            return lon, lat
        said = ", ".join(f'{key}="{given[key]}"'[:40] for key in ("lat", "lon") if key in given)
        self._problem(
            _("line %(line)s: no place on earth (%(said)s)")
            % {"line": self._line, "said": said or "–"}
        )
        return None

    def _keep(self, track: Track) -> None:
        if self._place is None:
            return
        said = (self._time or "").strip()
        try:
            moment = datetime.fromisoformat(said)
        except ValueError:
            self._problem(
                _("line %(line)s: “%(said)s” is no time") % {"line": self._line, "said": said[:40]}
                if said
                else _("line %(line)s: a place without a time") % {"line": self._line}
            )
            return
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        if moment > self._now:
            self._problem(
                _("line %(line)s: %(said)s lies in the future; is the receiver's clock right?")
                % {"line": self._line, "said": said[:40]}
            )
            return
        track.fixes.append((moment, *self._place))

    def _problem(self, words: str) -> None:
        self.problem_count += 1
        if len(self.problems) < PROBLEMS_SHOWN:
            self.problems.append(words)


def read(content: bytes) -> tuple[list[Track], list[str]]:
    """Return the tracks of a GPX file with at least one usable place, and what is wrong with it."""
    if len(content) > BYTES_MAX:
        raise NotATrack(_("it is larger than %(most)s MB") % {"most": BYTES_MAX // 1_000_000})
    reader = _Reader(clock.now())
    reader.read(content)
    problems = list(reader.problems)
    if reader.problem_count > len(problems):
        more = reader.problem_count - len(problems)
        problems.append(_("and %(count)s more like these") % {"count": more})
    found = [one for one in reader.tracks if one.fixes]
    if not found:
        raise NotATrack(problems[0] if problems else _("it has no track"))
    return found, problems


def take(row: models.PatrolRound, content: bytes, *, walker: User, by_id: int) -> Taken:
    """Keep the tracks of a file as walks of a round.

    A file that came before for this round changes nothing; its walks are counted as known.
    """
    permissions.require_in(by_id, belonging.MANAGE, belonging.of_round(row))
    tracks, problems = read(content)
    digest = hashlib.sha256(content).hexdigest()[:32]
    walks: list[models.PatrolWalk] = []
    known = 0
    for number, track in enumerate(tracks, start=1):
        fixes = sorted(track.fixes)
        if len(fixes) > rules.TRACK_FIXES_MAX:
            problems.append(
                _("track %(number)s has more than %(most)s places; the later ones were left out")
                % {"number": number, "most": rules.TRACK_FIXES_MAX}
            )
            fixes = fixes[: rules.TRACK_FIXES_MAX]
        began_at = fixes[0][0]
        rows: list[ground.Fix] = [
            [lon, lat, (moment - began_at).total_seconds(), None] for moment, lon, lat in fixes
        ]
        key = f"gpx:{row.pk}:{digest}:{number}"
        known += models.PatrolWalk.objects.filter(key=key).exists()
        walks.append(
            actions.take_walk(
                row, by=walker, began_at=began_at, track=rows, source=kinds.Source.FILE,
                key=key, handed_by_id=by_id,
            )
        )  # fmt: skip
    return Taken(walks, problems, known)
