"""The coordinator's form that gives a free session to somebody."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.forms import PortalFormMixin
from core.templatetags.portal import eastern, labelled, localized_text
from sessions_app.models import Cycle, Enrolment, PresenterSlot
from sessions_app.queries import coming_slots, presenters


class PresenterField(forms.ModelChoiceField[Enrolment]):
    """Who is in the cycle, each with how often they present: whose turn it is comes first."""

    def label_from_instance(self, obj: Any) -> str:
        """Ann Lee (not yet); Bo Chan (2 times)."""
        name, times = obj.participant.get_full_name(), obj.presented + obj.coming
        if not times:
            return str(_("%(name)s (not yet)") % {"name": name})
        return ngettext("%(name)s (%(times)d time)", "%(name)s (%(times)d times)", times) % {
            "name": name,
            "times": times,
        }


class SlotField(forms.ModelChoiceField[PresenterSlot]):
    """The free slots, by their session."""

    def label_from_instance(self, obj: Any) -> str:
        """Thursday, March 12, 2026, 12:30 ET: Tapering opioids."""
        return labelled(eastern(obj.session.starts_at), localized_text(obj.session, "topic"))


class AssignForm(PortalFormMixin, forms.Form):
    """Who presents in which session."""

    slot = SlotField(label=_("Free session"), queryset=PresenterSlot.objects.none())
    enrolment = PresenterField(
        label=_("Presenter"),
        queryset=Enrolment.objects.none(),
        help_text=_("Those who have not presented yet come first, the longest enrolled before the others."),
    )

    def __init__(self, *args: Any, cycle: Cycle, now: datetime, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["slot"].queryset = coming_slots(cycle, now=now).filter(enrolment=None)  # type: ignore[attr-defined]
        self.fields["enrolment"].queryset = presenters(cycle, now=now)  # type: ignore[attr-defined]
