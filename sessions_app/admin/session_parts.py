"""What the page and the list of sessions are put together from: speakers, materials, and what is looked for."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from sessions_app.models import EchoSession, Material, PresenterSlot, Speaker
from sessions_app.session_forms import MaterialForm, SpeakerForm


class NeedsFilter(admin.SimpleListFilter):
    """What a session that takes place, or took place, still needs."""

    title = gettext_lazy("needs")
    parameter_name = "needs"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """A speaker, a disclosure, a presenter."""
        return [
            ("speaker", gettext_lazy("A speaker")),
            ("disclosure", gettext_lazy("A disclosure")),
            ("presenter", gettext_lazy("A presenter")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[EchoSession]) -> QuerySet[EchoSession]:
        """Those that lack it; nobody presents any more in a session that is over."""
        if self.value() not in {"speaker", "disclosure", "presenter"}:
            return queryset
        queryset = queryset.exclude(status=EchoSession.Status.CANCELLED)
        speakers = Speaker.objects.filter(session=OuterRef("pk"))
        if self.value() == "speaker":
            return queryset.filter(~Exists(speakers))
        if self.value() == "disclosure":
            return queryset.filter(Exists(speakers.filter(disclosure=Speaker.Disclosure.MISSING)))
        free = PresenterSlot.objects.filter(session=OuterRef("pk"), enrolment=None)
        return queryset.filter(Exists(free), ends_at__gt=timezone.now())


class WhenFilter(admin.SimpleListFilter):
    """To come or over."""

    title = gettext_lazy("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """A session that runs is still to come."""
        return [("coming", gettext_lazy("To come")), ("over", gettext_lazy("Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[EchoSession]) -> QuerySet[EchoSession]:
        """By its end."""
        if self.value() == "coming":
            return queryset.filter(ends_at__gt=timezone.now())
        return queryset.filter(ends_at__lte=timezone.now()) if self.value() == "over" else queryset


class SpeakerInline(admin.StackedInline[Speaker, EchoSession]):
    """Who gives the lecture."""

    model = Speaker
    form = SpeakerForm

    def get_extra(self, request: HttpRequest, obj: EchoSession | None = None, **kwargs: Any) -> int:
        """An empty form while nobody is named."""
        return 0 if obj is not None and obj.speakers.exists() else 1


class MaterialInline(admin.StackedInline[Material, EchoSession]):
    """What there is to read."""

    model = Material
    form = MaterialForm
    extra = 1

    def get_max_num(self, request: HttpRequest, obj: EchoSession | None = None, **kwargs: Any) -> int:
        """Five more at once: together they are as large as a request may be (core.uploads)."""
        return (obj.materials.count() if obj is not None else 0) + 5

    fields = ["title", "title_fr", "url", "upload", "kept", "position"]
    readonly_fields = ["kept"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Material]:
        """Without what the files hold."""
        queryset: QuerySet[Material] = super().get_queryset(request)
        return queryset.select_related("file").defer("file__content")

    @admin.display(description=gettext_lazy("on record"))
    def kept(self, material: Material) -> str:
        """Where it leads, or the file to be downloaded."""
        if material.file is not None:
            url = reverse("sessions_app:material", args=[material.pk])
            return format_html(
                '<a href="{}">{}</a> ({})', url, material.filename, filesizeformat(material.file.size)
            )
        if material.url:
            return format_html('<a href="{0}" rel="noreferrer">{0}</a>', material.url)
        return _("Nothing yet")
