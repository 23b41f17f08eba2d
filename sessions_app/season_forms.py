"""Forms of the administration for the timetable: a season, each of its dates, a move, a cancellation; a cycle's row."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.dates import WEEKDAYS
from django.utils.text import capfirst
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from core.errors import DomainError
from core.forms import PortalFormMixin
from core.templatetags.portal import localized_text, long_day
from sessions_app.models import Cycle, EchoSession
from sessions_app.models.cycle import PRESENTER_DAYS, REMINDER_HOURS
from sessions_app.seasons import MAX_SESSIONS, at_clock, on_clock
from sessions_app.services.seasons import MAX_SLOTS, Lesson, SeasonPlan, program_hubs
from sessions_app.services.timetable import Slot, require_times

USUAL_TIMES = (time(12, 30), time(14, 0))
"""Over lunch: when a program has no session yet to go by."""
REACH = timedelta(days=366)
"""How far from the cycle's days a season may begin: a year further is a wrong year."""


def _date_input() -> forms.DateInput:
    # Django's sheet frames controls by type, and knows these two only by their class.
    return forms.DateInput(attrs={"type": "date", "class": "vTextField"}, format="%Y-%m-%d")


def _time_input() -> forms.TimeInput:
    return forms.TimeInput(attrs={"type": "time", "class": "vTextField"}, format="%H:%M")


class CycleChoice(forms.ModelChoiceField[Cycle]):
    """A cycle of one program, by its name alone."""

    def label_from_instance(self, obj: Any) -> str:
        """The cycle without its program."""
        return localized_text(obj, "name")


class SeasonForm(PortalFormMixin, forms.Form):
    """The dates and times of a season, and what its sessions are filled with."""

    first = forms.DateField(label=_("First date"), widget=_date_input())
    last = forms.DateField(label=_("Last date"), required=False, widget=_date_input())
    number = forms.IntegerField(
        label=_("Number of sessions"),
        required=False,
        min_value=1,
        max_value=MAX_SESSIONS,
        help_text=_("Instead of a last date. Dates that are skipped make the season longer."),
    )
    weekday = forms.TypedChoiceField(label=_("Weekday"), required=False, coerce=int, empty_value=None)
    start = forms.TimeField(
        label=_("Starts at"), widget=_time_input(), help_text=_("Toronto time, all season.")
    )
    end = forms.TimeField(label=_("Ends at"), widget=_time_input())
    hub = forms.TypedChoiceField(label=_("Hub"), required=False, coerce=int, empty_value=None)
    meeting_url = forms.URLField(
        label=_("Meeting link"),
        required=False,
        max_length=200,
        assume_scheme="https",
        help_text=_(
            "The same for every session; seen only by people who are enrolled. It can be added later."
        ),
    )
    slots = forms.IntegerField(
        label=_("Presenter slots per session"), initial=1, min_value=0, max_value=MAX_SLOTS
    )
    curriculum = CycleChoice(
        queryset=Cycle.objects.none(),
        label=_("Copy the curriculum of"),
        required=False,
        empty_label=_("Nothing: I write the topics myself"),
        help_text=_("Topics, speakers, objectives and links, in order. Speakers disclose anew."),
    )

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.cycle = cycle
        hubs = program_hubs(cycle.program)
        self.hubs = [(str(hub.pk), localized_text(hub, "name")) for hub in hubs]
        self._choose("weekday", gettext("That of the first date"), WEEKDAYS.items())
        in_turn = gettext("In turn: %(hubs)s") % {"hubs": ", ".join(name for _pk, name in self.hubs)}
        self._choose("hub", in_turn if hubs else gettext("None"), self.hubs)
        self.fields["last"].help_text = gettext("The cycle's last day is %(day)s.") % {
            "day": long_day(cycle.ends_on)
        }
        past = self.fields["curriculum"]
        assert isinstance(past, forms.ModelChoiceField)
        past.queryset = (
            Cycle.objects.filter(program_id=cycle.program_id, sessions__isnull=False)
            .exclude(pk=cycle.pk)
            .distinct()
        )
        if not self.is_bound:
            self.initial = {**first_guess(cycle), **self.initial}

    def _choose(self, name: str, empty: str, choices: Any) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", empty), *choices]

    def clean(self) -> dict[str, Any]:
        """A season that can be: one end, times in their order, near the cycle's days."""
        data = super().clean() or {}
        first, last = data.get("first"), data.get("last")
        if first and not self.cycle.starts_on - REACH <= first <= self.cycle.ends_on + REACH:
            self.add_error("first", gettext("This is more than a year away from the cycle. Check the year."))
        elif first and last and last < first:
            self.add_error("last", gettext("The last date is before the first."))
        if "last" in data and "number" in data and (last is None) == (data["number"] is None):
            self.add_error("last", gettext("Give a last date or a number of sessions, one of the two."))
        if first and data.get("start") and data.get("end"):
            try:
                require_times(Slot(at_clock(first, data["start"]), at_clock(first, data["end"])))
            except DomainError as error:
                self.add_error("end", str(error))
        return data

    def plan(self) -> SeasonPlan:
        """What was asked for."""
        data = {name: value for name, value in self.cleaned_data.items() if name not in {"hub", "weekday"}}
        weekday = self.cleaned_data["weekday"]
        return SeasonPlan(
            weekday=data["first"].weekday() if weekday is None else weekday,
            hub_id=self.cleaned_data["hub"],
            **data,
        )


def first_guess(cycle: Cycle) -> dict[str, Any]:
    """A week after the cycle's last session, or its first day; the times and the link of the latest session."""
    own = cycle.sessions.order_by("starts_at").last()
    latest = (
        own or EchoSession.objects.filter(cycle__program_id=cycle.program_id).order_by("starts_at").last()
    )
    start, end = USUAL_TIMES
    if latest:
        start, end = on_clock(latest.starts_at)[1], on_clock(latest.ends_at)[1]
    first = on_clock(own.starts_at)[0] + timedelta(weeks=1) if own else cycle.starts_on
    return {"first": first, "start": start, "end": end, "meeting_url": own.meeting_url if own else ""}


class SeasonDayForm(PortalFormMixin, forms.Form):
    """One date of the preview: whether there is a session, about what, and where."""

    is_on = forms.BooleanField(required=False)
    topic = forms.CharField(required=False, max_length=200, widget=forms.TextInput(attrs={"size": 32}))
    hub = forms.TypedChoiceField(required=False, coerce=int, empty_value=None)
    copied = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, widget=forms.HiddenInput)

    def __init__(
        self,
        *args: Any,
        day: date,
        hubs: Sequence[tuple[str, str]],
        sources: Mapping[int, EchoSession],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, prefix=day.isoformat(), **kwargs)
        self.day, self.sources = day, sources
        for name, choices in (("hub", hubs), ("copied", [(str(pk), str(pk)) for pk in sources])):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)
            field.choices = [("", gettext("None")), *choices]
        # The table's head names the columns; each control says its own date, too.
        for name, label in (("topic", gettext("Topic")), ("hub", gettext("Hub"))):
            self.fields[name].label = label
            self.fields[name].widget.attrs["aria-label"] = f"{label}, {long_day(day)}"

    @classmethod
    def of(cls, day: date, lesson: Lesson | None, **kwargs: Any) -> "SeasonDayForm":
        """The form that proposes `lesson` for `day`; None proposes no session."""
        initial: dict[str, Any] = {"is_on": lesson is not None}
        if lesson is not None:
            copied = lesson.copied.pk if lesson.copied else ""
            initial |= {"topic": lesson.topic, "hub": lesson.hub_id or "", "copied": copied}
        return cls(day=day, initial=initial, **kwargs)

    def lesson(self) -> Lesson | None:
        """What was written for the date; None where nothing was."""
        source = self.sources.get(self.cleaned_data.get("copied") or 0)
        topic = self.cleaned_data.get("topic") or (source.topic if source else "")
        return Lesson(topic, self.cleaned_data.get("hub"), source) if topic else None


class MoveForm(PortalFormMixin, forms.Form):
    """Where a session goes, and whether those after it go with it."""

    day = forms.DateField(label=_("New date"), widget=_date_input())
    start = forms.TimeField(label=_("Starts at"), widget=_time_input(), help_text=_("Toronto time."))
    end = forms.TimeField(label=_("Ends at"), widget=_time_input())
    which = forms.ChoiceField(
        label=_("What moves"),
        choices=[
            ("one", _("Only this session")),
            ("rest", _("This session, and all later ones by as many days")),
        ],
        initial="one",
        widget=forms.RadioSelect,
        help_text=_("Later sessions keep their times of day; cancelled ones stay where they are."),
    )
    # The start that the page was made with, in seconds: somebody else may have moved the session since.
    seen = forms.IntegerField(required=False, min_value=0, max_value=2**32, widget=forms.HiddenInput)

    def __init__(self, *args: Any, session: EchoSession, **kwargs: Any) -> None:
        day, start = on_clock(session.starts_at)
        initial = {"day": day, "start": start, "end": on_clock(session.ends_at)[1]}
        super().__init__(*args, initial=initial | {"seen": int(session.starts_at.timestamp())}, **kwargs)
        self.session = session

    def clean_day(self) -> date:
        """A day that may be meant."""
        day: date = self.cleaned_data["day"]
        if abs(day - on_clock(self.session.starts_at)[0]) > REACH:
            raise forms.ValidationError(gettext("This is more than a year away. Check the year."))
        return day

    def clean(self) -> dict[str, Any]:
        """Times in their order."""
        data = super().clean() or {}
        if all(data.get(name) is not None for name in ("day", "start", "end")):
            try:
                require_times(self.slot())
            except DomainError as error:
                self.add_error("end", str(error))
        return data

    def slot(self) -> Slot:
        """The time that was asked for."""
        data = self.cleaned_data
        starts_at, ends_at = at_clock(data["day"], data["start"]), at_clock(data["day"], data["end"])
        return Slot(starts_at, ends_at, self.session.hub_id)

    @property
    def with_rest(self) -> bool:
        """Whether later sessions follow."""
        return bool(self.cleaned_data["which"] == "rest")

    @property
    def seen_at(self) -> datetime | None:
        """The start that was seen, to the second."""
        seen = self.cleaned_data.get("seen")
        return None if seen is None else datetime.fromtimestamp(seen, tz=UTC)


class CancelForm(PortalFormMixin, forms.Form):
    """Why a session is cancelled, for the record."""

    reason = forms.CharField(
        label=_("Reason"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For the audit trail. It is not emailed."),
    )


def hours_before(hours: int) -> str:
    """1 hour before, 3 days before, 1 week before."""
    if hours % 168 == 0:
        return ngettext("%d week before", "%d weeks before", hours // 168) % (hours // 168)
    if hours % 24 == 0:
        return days_before(hours // 24)
    return ngettext("%d hour before", "%d hours before", hours) % hours


def days_before(days: int) -> str:
    """3 days before, 2 weeks before."""
    if days % 7 == 0:
        return hours_before(days * 24)
    return ngettext("%d day before", "%d days before", days) % days


class CycleForm(forms.ModelForm[Cycle]):
    """A cycle in the administration: its reminders are ticked, not typed."""

    reminder_hours = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        choices=lambda: [(hours, hours_before(hours)) for hours in REMINDER_HOURS],
        widget=forms.CheckboxSelectMultiple,
    )
    presenter_days = forms.TypedMultipleChoiceField(
        coerce=int,
        required=False,
        choices=lambda: [(days, days_before(days)) for days in PRESENTER_DAYS],
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The words are the model's: a field that is declared anew would lose them.
        for column in Cycle._meta.fields:
            if column.name in {"reminder_hours", "presenter_days"} & self.fields.keys():
                self.fields[column.name].label = capfirst(column.verbose_name)
                self.fields[column.name].help_text = column.help_text
