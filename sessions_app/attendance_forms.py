"""Forms of the administration about who was there: names of a report, a roll call, and one person's minutes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.errors import BadInputError
from core.forms import PortalFormMixin
from sessions_app.services.attendance import Crowd, Decision, Entry, StaleEntriesError, may_be_remembered
from sessions_app.services.attendance.queue import NameToMatch
from sessions_app.services.attendance.words import WHY

Seen = tuple[int, bool] | None


# --- names of a report ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class NameFields:
    """One name and the fields about it, for the template."""

    name: NameToMatch
    people: forms.BoundField | None
    other: forms.BoundField
    nobody: forms.BoundField
    remember: forms.BoundField | None
    seen: forms.BoundField


class NamesForm(PortalFormMixin, forms.Form):
    """Whose each name is: suggested people, somebody else, or nobody of the cycle. Left alone, a name waits."""

    def __init__(self, *args: Any, names: Sequence[NameToMatch], crowd: Crowd, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.names = {_field_name(name): name for name in names}
        self.crowd = crowd
        self.decided: list[Decision] = []
        for at, name in self.names.items():
            self._add(at, name)

    def _add(self, at: str, name: NameToMatch) -> None:
        reasons = {suggestion.person: str(WHY[suggestion.why]) for suggestion in name.suggestions}
        choices = [
            (str(pk), self._person(pk, reasons.get(pk, "")))
            for pk in dict.fromkeys((*reasons, *sorted(name.given or ())))
            if pk in self.crowd.members
        ]
        if choices:
            self.fields[f"{at}-people"] = forms.MultipleChoiceField(
                label=_("Who it may be"),
                choices=choices,
                required=False,
                initial=[str(pk) for pk in name.given or ()],
                widget=forms.CheckboxSelectMultiple,
            )
        self.fields[f"{at}-other"] = forms.CharField(
            label=_("Somebody else in the cycle"),
            required=False,
            max_length=500,
            help_text=_("The email address or the whole name; several people with semicolons between them."),
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )
        self.fields[f"{at}-nobody"] = forms.BooleanField(
            label=_("Nobody in the cycle"), required=False, initial=name.is_nobody
        )
        if may_be_remembered(name.name, name.email):
            self.fields[f"{at}-remember"] = forms.BooleanField(
                label=_("Remember it for the next reports, if it is one person"), required=False, initial=True
            )
        self.fields[f"{at}-seen"] = forms.CharField(
            required=False, initial=_seen_people(name.given), widget=forms.HiddenInput
        )

    def _person(self, pk: int, why: str) -> str:
        member = self.crowd.members[pk]
        return " · ".join(filter(None, (member.name, member.email, why)))

    def by_name(self) -> Iterator[NameFields]:
        """Each name with its fields."""
        for at, name in self.names.items():
            yield NameFields(
                name,
                self[f"{at}-people"] if f"{at}-people" in self.fields else None,
                self[f"{at}-other"],
                self[f"{at}-nobody"],
                self[f"{at}-remember"] if f"{at}-remember" in self.fields else None,
                self[f"{at}-seen"],
            )

    def clean(self) -> None:
        """What was decided; a name without an answer is left open."""
        super().clean()
        self.decided = [
            decision for at, name in self.names.items() if (decision := self._decision(at, name)) is not None
        ]

    def _decision(self, at: str, name: NameToMatch) -> Decision | None:
        data = self.cleaned_data
        chosen = {int(pk) for pk in data.get(f"{at}-people", [])}
        for text in filter(str.strip, data.get(f"{at}-other", "").split(";")):
            try:
                chosen.add(self.crowd.find(text))
            except BadInputError as error:
                self.add_error(f"{at}-other", str(error))
        is_nobody = data.get(f"{at}-nobody", False)
        if is_nobody and chosen:
            self.add_error(f"{at}-nobody", gettext("Choose people or nobody, not both."))
        seen = _people_seen(data.get(f"{at}-seen", ""))
        if seen is not None and not is_nobody and not chosen:
            self.add_error(
                f"{at}-other", gettext("Say whose name it is, or that it belongs to nobody in the cycle.")
            )
        if not is_nobody and not chosen:
            return None
        return Decision(
            report_id=name.report_id,
            key=name.key,
            enrolments=frozenset(chosen),
            remember=data.get(f"{at}-remember", False),
            seen=seen,
        )


def _field_name(name: NameToMatch) -> str:
    digest = sha256(f"{name.report_id}|{name.key}".encode(errors="replace")).hexdigest()
    return f"n{digest[:12]}"


def _seen_people(given: frozenset[int] | None) -> str:
    """What stood on the page, as text: "" for open, "-" for nobody, else the enrolments."""
    if given is None:
        return ""
    return ",".join(map(str, sorted(given))) or "-"


def _people_seen(text: str) -> frozenset[int] | None:
    if not text:
        return None
    return frozenset(int(pk) for pk in text.split(",") if pk.isdecimal() and len(pk) < 19)


# --- minutes by hand ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a page of minutes: whose, of which session, what is on record, and how it is called aloud."""

    enrolment_id: int
    session_id: int
    length: int
    seen: Seen
    label: str
    row: Any


@dataclass(frozen=True, slots=True)
class LineFields:
    """A line and its fields, for the template."""

    line: Line
    all: forms.BoundField
    minutes: forms.BoundField
    guest: forms.BoundField | None
    seen: forms.BoundField


class MinutesForm(PortalFormMixin, forms.Form):
    """Minutes of several people or sessions on one page, with one reason; only what was changed is written."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        help_text=_("Kept on record with the old and the new value; an auditor will ask."),
    )

    def __init__(
        self,
        *args: Any,
        lines: Sequence[Line],
        with_guests: bool = False,
        ticks_all: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.lines = lines
        self.written: list[Entry] = []
        for line in lines:
            at = _place(line)
            minutes, is_guest = line.seen or (None, False)
            is_all = minutes == line.length or (ticks_all and minutes is None)
            self.fields[f"all-{at}"] = forms.BooleanField(
                label=gettext("%(who)s: all of it") % {"who": line.label}, required=False, initial=is_all
            )
            self.fields[f"minutes-{at}"] = forms.IntegerField(
                label=gettext("%(who)s: minutes") % {"who": line.label},
                required=False,
                min_value=0,
                max_value=line.length,
                initial=None if is_all else minutes,
            )
            if with_guests:
                self.fields[f"guest-{at}"] = forms.BooleanField(
                    label=gettext("%(who)s: as a guest") % {"who": line.label},
                    required=False,
                    initial=is_guest,
                )
            self.fields[f"seen-{at}"] = forms.CharField(
                required=False, initial=_seen_minutes(line.seen), widget=forms.HiddenInput
            )
        for name, field in self.fields.items():
            if name != "reason" and not isinstance(field.widget, forms.HiddenInput):
                field.widget.attrs["aria-label"] = field.label

    def by_line(self) -> Iterator[LineFields]:
        """Each line with its fields."""
        for line in self.lines:
            at = _place(line)
            yield LineFields(
                line,
                self[f"all-{at}"],
                self[f"minutes-{at}"],
                self[f"guest-{at}"] if f"guest-{at}" in self.fields else None,
                self[f"seen-{at}"],
            )

    def clean(self) -> None:
        """The entries that say something."""
        super().clean()
        entries = [self._entry(line) for line in self.lines]
        self.written = [entry for entry in entries if entry is not None]

    def _entry(self, line: Line) -> Entry | None:
        """Minutes that were typed go before the box; minutes that stood there already do not."""
        at = _place(line)
        if f"minutes-{at}" in self.errors:
            return None
        data = self.cleaned_data
        seen = _minutes_seen(data.get(f"seen-{at}", ""))
        before, was_guest = seen or (None, False)
        is_all, minutes = data[f"all-{at}"], data[f"minutes-{at}"]
        is_guest = data.get(f"guest-{at}", was_guest)
        is_typed = minutes is not None and (minutes != before or before == line.length)
        wanted = line.length if is_all and not is_typed else minutes
        if wanted is None:
            if seen is not None:
                self.add_error(f"minutes-{at}", gettext("Enter 0 for somebody who was not there."))
            elif is_guest:
                self.add_error(f"minutes-{at}", gettext("Enter the minutes of the guest."))
            return None
        return Entry(line.enrolment_id, line.session_id, wanted, is_guest, seen)

    def show_stale(self, error: StaleEntriesError) -> None:
        """Mark what somebody else has changed, with what stands there now; saving again is meant then."""
        self.data: QueryDict = self.data.copy()
        self.add_error(None, str(error))
        for line in self.lines:
            if (line.enrolment_id, line.session_id) in error.places:
                now = error.places[line.enrolment_id, line.session_id]
                self.data[f"seen-{_place(line)}"] = _seen_minutes(now)
                self.add_error(f"minutes-{_place(line)}", _stands(now))


def _place(line: Line) -> str:
    return f"{line.enrolment_id}-{line.session_id}"


def _stands(seen: Seen) -> str:
    if seen is None:
        return gettext("Nothing is on record now.")
    return ngettext("%d minute is on record now.", "%d minutes are on record now.", seen[0]) % seen[0]


def _seen_minutes(seen: Seen) -> str:
    """What stood on the page, as text: "" for nothing, else the minutes, with a g for a guest."""
    return "" if seen is None else f"{seen[0]}{'g' if seen[1] else ''}"


def _minutes_seen(text: str) -> Seen:
    digits = text.removesuffix("g")
    return (int(digits), text.endswith("g")) if digits.isdecimal() and len(digits) < 5 else None
