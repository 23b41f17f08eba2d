"""Sessions in the administration, with the IDs that accreditors gave them."""

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.forms import BaseInlineFormSet, ModelChoiceField, ModelForm
from django.http import HttpRequest
from django.utils import timezone

from core.admin import LimitedChoices
from credits.models import Accreditation, SessionIdentifier
from sessions_app.admin.sessions import EchoSessionAdmin
from sessions_app.models import EchoSession


class GivenIdentifierFormSet(BaseInlineFormSet[SessionIdentifier, EchoSession, ModelForm[SessionIdentifier]]):
    """A line for each accreditation that covers the session: what is left to do is to write its ID."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.accreditations = _covering(self.instance)
        given = set(self.instance.identifiers.values_list("accreditation_id", flat=True))
        self.initial_extra = [{"accreditation": row.pk} for row in self.accreditations if row.pk not in given]
        self.extra = len(self.initial_extra)

    def add_fields(self, form: ModelForm[SessionIdentifier], index: int | None) -> None:
        """Only those accreditations can be chosen."""
        super().add_fields(form, index)
        field = form.fields.get("accreditation")
        if isinstance(field, ModelChoiceField):
            field.queryset = self.accreditations


class GivenIdentifierInline(LimitedChoices, admin.StackedInline[SessionIdentifier, EchoSession]):
    """The IDs that accreditors gave to the session."""

    model = SessionIdentifier
    formset = GivenIdentifierFormSet

    def get_max_num(self, request: HttpRequest, obj: EchoSession | None = None, **kwargs: Any) -> int:
        """One of each accreditation."""
        return _covering(obj).count() if obj is not None else 0


admin.site.unregister(EchoSession)


@admin.register(EchoSession)
class AccreditedSessionAdmin(EchoSessionAdmin):
    """Sessions, with the IDs that accreditors gave them: the floor below does not know of accreditation."""

    def get_inlines(self, request: HttpRequest, obj: EchoSession | None) -> list[Any]:
        """The IDs come last, where there is an accreditation to give one."""
        inlines = super().get_inlines(request, obj)
        has_any = obj is not None and _covering(obj).exists()
        return [*inlines, GivenIdentifierInline] if has_any else inlines


def _covering(session: EchoSession) -> QuerySet[Accreditation]:
    """The program's accreditations on the session's day, and any that has given it an ID already."""
    day = timezone.localdate(session.starts_at)
    covers = Q(program=session.cycle.program_id, valid_from__lte=day, valid_to__gte=day)
    return Accreditation.objects.filter(covers | Q(session_identifiers__session=session)).distinct()
