"""The administration's site: entered by the portal's own log-in, with the desk as its first page."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.decorators import secure_admin_login
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.filters import FieldListFilter, RelatedFieldListFilter
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path
from django.utils.translation import gettext_lazy

from desk import mail_views, message_views, views
from desk.scopes import CHOSEN, FOR_THE_WHOLE_PORTAL, LIMITS, OF_ANOTHER_MODEL, everything, nothing
from participants.models import User
from sessions_app.models import Enrolment, Program
from sessions_app.scope import programs_of


class PortalAdminSite(admin.AdminSite):
    """The one site of the administration."""

    index_template = "desk/home.html"
    index_title = gettext_lazy("What needs doing")

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the portal's own log-in, with its rate limits and its verification."""
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context=extra_context)
        return answer

    def password_change(  # type: ignore[override]  # a redirect is no TemplateResponse
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Lead to the portal's own page: one person has one password."""
        return redirect("account_change_password")

    def password_change_done(  # type: ignore[override]  # as above
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """As above."""
        return redirect("account_change_password")

    def limit(self, request: HttpRequest, rows: QuerySet[Any]) -> QuerySet[Any]:
        """Those of `rows` that belong to the programs of who asks; all for who works for the whole portal."""
        programs = programs_of(request.user)
        if programs is None:
            return rows
        label = rows.model._meta.label
        # What nobody has thought of is not shown.
        return (LIMITS.get(label) or CHOSEN.get(label) or nothing)(rows, programs)

    def may_write(self, request: HttpRequest, model: type[Model]) -> bool:
        """Whether who asks may write records of `model`: what all programs share is for those who work for all."""
        return programs_of(request.user) is None or LIMITS.get(model._meta.label) is not everything

    def may_add(self, request: HttpRequest, model: type[Model]) -> bool:
        """Whether who asks may add a record of `model`: a new program is nobody's who works for some programs only."""
        is_limited = programs_of(request.user) is not None
        return self.may_write(request, model) and not (is_limited and model is Program)

    def may_view_as(self, request: HttpRequest, person: User) -> bool:
        """Whether all that `person` sees in the portal is of programs that who asks works for."""
        programs = programs_of(request.user)
        elsewhere = Enrolment.objects.filter(participant=person).exclude(cycle__program__in=programs or ())
        return programs is None or not elsewhere.exists()

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """The view behind the administration's door; a record of another program is not there."""

        @wraps(view)
        def inside(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if programs_of(request.user) is not None:
                self._require_own(request, kwargs)
            return view(request, *args, **kwargs)

        return super().admin_view(inside, cacheable)

    def _require_own(self, request: HttpRequest, kwargs: dict[str, Any]) -> None:
        """Http404 where the address names a record of a program that is not theirs."""
        name = request.resolver_match.url_name if request.resolver_match else None
        pk = kwargs.get("object_id") or kwargs.get("pk")
        if name in FOR_THE_WHOLE_PORTAL:
            raise Http404
        if name is None or pk is None:
            return
        # From the registry: the longest name that the address begins with.
        models = {f"{model._meta.app_label}_{model._meta.model_name}": model for model in self._registry}
        models |= {prefix: apps.get_model(label) for prefix, label in OF_ANOTHER_MODEL.items()}
        prefix = max((one for one in models if f"{name}_".startswith(f"{one}_")), key=len, default="")
        if not prefix:
            return
        try:
            is_own = self.limit(request, models[prefix]._default_manager.filter(pk=pk)).exists()
        except (ValueError, ValidationError):
            is_own = False
        if not is_own:
            raise Http404

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """The home desk over all cycles, with every list below it."""
        context = {**(extra_context or {}), **views.home_context(request)}
        return super().index(request, extra_context=context)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """The pages of the desk, before those of the lists."""
        return [
            path("search/", self._page(views.search_page), name="search"),
            path("cycles/<int:pk>/", self._page(views.cycle_desk), name="cycle-desk"),
            path("cycles/<int:pk>/publish/", self._page(views.cycle_publish), name="cycle-publish"),
            path("cycles/<int:pk>/message/", self._page(message_views.message_write), name="cycle-message"),
            path("messages/<int:pk>/", self._page(message_views.message_detail), name="message-detail"),
            path(
                "messages/<int:pk>/progress/",
                self._page(message_views.message_progress),
                name="message-progress",
            ),
            path("programs/<int:pk>/mails/", self._page(mail_views.mail_list), name="mail-list"),
            path(
                "programs/<int:pk>/mails/<slug:key>/<slug:language>/",
                self._page(mail_views.mail_edit),
                name="mail-edit",
            ),
            path("set-up/", self._page(views.set_up_list), name="set-up"),
            path("set-up/<int:pk>/", self._page(views.set_up_program), name="set-up-program"),
            *super().get_urls(),
        ]

    def _page(self, view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        """The view behind the administration's door, with the context that its pages share."""

        def page(request: HttpRequest, **kwargs: Any) -> HttpResponse:
            return view(request, site_context=self.each_context(request), **kwargs)

        inside: Callable[..., HttpResponse] = self.admin_view(page)
        return inside


class OwnProgramsFilter(RelatedFieldListFilter):
    """A filter by a related record offers those of the programs of who asks."""

    def field_choices(self, field: Any, request: HttpRequest, model_admin: Any) -> Any:
        """As Django's, limited."""
        choices = super().field_choices(field, request, model_admin)
        if programs_of(request.user) is None:
            return choices
        rows = field.remote_field.model._default_manager.all()
        own = set(model_admin.admin_site.limit(request, rows).values_list("pk", flat=True))
        return [choice for choice in choices if choice[0] in own]


FieldListFilter.register(lambda field: bool(field.remote_field), OwnProgramsFilter, take_priority=True)
