"""Where coordinators see what became of each mail, and decide about those that did not arrive."""

import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.admin import ReadOnlyAdmin
from core.admin_lists import asks_first
from core.errors import DomainError
from core.forms import PortalFormMixin
from outbox import queries, services
from outbox.models import MailAttachment, MailAttempt, MailHold, OutgoingMail
from outbox.states import WAITING

if TYPE_CHECKING:
    from django.contrib.auth.base_user import AbstractBaseUser


KEYS = re.compile(r"(/invitations/)[^\s/]+")
"""Links in mails that open something to whoever has them; those of codes are in mails that are not shown at all."""
BY_HAND = "as a coordinator noted"
"""Stands where a server's words would: who noted it, and when, is in the audit trail."""


class _ReadOnlyInline:
    """What belongs to a mail is written by services; the page shows it."""

    def has_add_permission(self, *_args: Any) -> bool:
        """Nobody adds one by hand."""
        return False

    def has_change_permission(self, *_args: Any) -> bool:
        """Nobody changes one by hand."""
        return False

    def has_delete_permission(self, *_args: Any) -> bool:
        """Nobody deletes one."""
        return False


class MailAttemptInline(_ReadOnlyInline, admin.StackedInline[MailAttempt, OutgoingMail]):
    """Each try, the last first."""

    model = MailAttempt
    extra = 0
    ordering = ("-number",)
    fields = ("started_at", "transmitted_at", "finished_at", "outcome", "reply")


class MailAttachmentInline(_ReadOnlyInline, admin.StackedInline[MailAttachment, OutgoingMail]):
    """Names of the files that go with the mail."""

    model = MailAttachment
    extra = 0
    fields = ("filename",)


@admin.register(OutgoingMail)
class OutgoingMailAdmin(ReadOnlyAdmin):
    """Outgoing mail: read-only, with the three decisions a person can take."""

    list_display = ("queued_at", "kind", "recipient", "subject", "status", "tries", "trouble")
    list_display_links = ("subject",)
    list_filter = ("status", "kind", "queued_at")
    search_fields = ("recipient", "subject", "key")
    ordering = ("-queued_at",)
    show_full_result_count = False
    actions = ("send_again", "mark_as_arrived", "mark_as_returned")
    inlines = (MailAttemptInline, MailAttachmentInline)
    fields = (
        "key",
        "kind",
        "recipient",
        "subject",
        "language",
        "status",
        "queued_at",
        "sent_at",
        "bounced_at",
        "tries",
        "next_try",
        "trouble",
        "smtp_reply",
        "message_id",
        "text",
    )
    readonly_fields = ("tries", "next_try", "trouble", "text")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OutgoingMail]:
        """All mails; the list, of a thousand certificates perhaps, without their texts."""
        mails: QuerySet[OutgoingMail] = super().get_queryset(request)
        is_list = (
            request.resolver_match is not None
            and request.resolver_match.url_name == "outbox_outgoingmail_changelist"
        )
        return mails.defer("body_text", "body_html", "calendar") if is_list else mails

    def get_urls(self) -> list[URLPattern]:
        """The switch that holds all mail, beside the usual pages."""
        view = self.admin_site.admin_view(self.hold_view)
        return [path("hold/", view, name="outbox_outgoingmail_hold"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list, saying whether mail is held."""
        return super().changelist_view(request, {**(extra_context or {}), "hold": queries.current_hold()})

    def hold_view(self, request: HttpRequest) -> HttpResponse:
        """Hold all mail, with a reason, or release it; each asks first, as the page is one step from the list."""
        if not request.user.has_perm("outbox.hold_mail"):
            raise PermissionDenied
        form = HoldForm(request.POST if "hold" in request.POST else None)
        if request.method == "POST" and "release" in request.POST:
            if services.release_mail(by=_actor(request), now=timezone.now()):
                messages.success(request, _("Email goes out again."))
            return redirect("admin:outbox_outgoingmail_changelist")
        if form.is_bound and form.is_valid():
            services.hold_mail(reason=form.cleaned_data["reason"], by=_actor(request), now=timezone.now())
            messages.success(request, _("All email is held. It waits until somebody releases it."))
            return redirect("admin:outbox_outgoingmail_changelist")
        context = {
            **self.admin_site.each_context(request),
            "title": _("Hold all email"),
            "opts": self.opts,
            "hold": queries.current_hold(),
            "waiting": queries.waiting().count(),
            "form": form,
        }
        return TemplateResponse(request, "admin/outbox/hold.html", context)

    def has_resend_permission(self, request: HttpRequest) -> bool:
        """Whether this person may decide about mails."""
        return request.user.has_perm("outbox.resend_mail")

    @admin.display(description=_("tries"), ordering="attempts")
    def tries(self, mail: OutgoingMail) -> int:
        """Those that count against the mail."""
        return mail.attempts

    @admin.display(description=_("next try"), ordering="next_attempt_at")
    def next_try(self, mail: OutgoingMail) -> datetime | None:
        """When the portal tries again by itself."""
        return mail.next_attempt_at if mail.status in WAITING else None

    @admin.display(description=_("last error"), ordering="last_error")
    def trouble(self, mail: OutgoingMail) -> str:
        """What the mail server said last, if the mail is not sent or came back."""
        return mail.last_error

    @admin.display(description=_("text"))
    def text(self, mail: OutgoingMail) -> str | SafeString:
        """The plain text; no code is ever shown, not even while it waits, nor a link that lets in whoever has it."""
        if mail.is_secret:
            return str(_("Not shown: this email holds a code."))
        return format_html("<pre>{}</pre>", KEYS.sub(r"\1…", mail.body_text))

    @admin.action(description=_("Send again"), permissions=["resend"])
    @asks_first(_("Each one goes out again; anyone who already got it gets a second copy."))
    def send_again(self, request: HttpRequest, mails: QuerySet[OutgoingMail]) -> None:
        """Queue those again that failed, may have arrived or came back."""
        done = self._decide(request, mails, lambda pk: services.resend(mail_id=pk, by=_actor(request)))
        if done:
            text = ngettext(
                "%(count)d email will be sent again.", "%(count)d emails will be sent again.", done
            )
            messages.success(request, text % {"count": done})

    @admin.action(description=_("Mark as arrived"), permissions=["resend"])
    @asks_first(_("They count as sent."))
    def mark_as_arrived(self, request: HttpRequest, mails: QuerySet[OutgoingMail]) -> None:
        """Close those that may have arrived: they did."""
        done = self._decide(
            request, mails, lambda pk: services.confirm_arrival(mail_id=pk, by=_actor(request))
        )
        if done:
            text = ngettext(
                "%(count)d email is marked as arrived.", "%(count)d emails are marked as arrived.", done
            )
            messages.success(request, text % {"count": done})

    @admin.action(description=_("Mark as returned"), permissions=["resend"])
    @asks_first(_("They count as returned; each can be sent again."))
    def mark_as_returned(self, request: HttpRequest, mails: QuerySet[OutgoingMail]) -> None:
        """Note those that came back to a mailbox which a person reads."""
        done = self._decide(
            request,
            mails,
            lambda pk: services.note_bounce(
                mail_id=pk, diagnostic=BY_HAND, by=_actor(request), now=timezone.now()
            ),
        )
        if done:
            text = ngettext(
                "%(count)d email is marked as returned.", "%(count)d emails are marked as returned.", done
            )
            messages.success(request, text % {"count": done})

    def _decide(
        self, request: HttpRequest, mails: QuerySet[OutgoingMail], decide: Callable[[int], object]
    ) -> int:
        """Decide about each mail by itself; how many it went well for. Each reason to refuse is told once."""
        done = 0
        refusals: dict[str, int] = {}
        for pk in mails.order_by("pk").values_list("pk", flat=True):
            try:
                decide(pk)
            except DomainError as refusal:
                refusals[str(refusal)] = refusals.get(str(refusal), 0) + 1
            else:
                done += 1
        for reason, count in refusals.items():
            text = ngettext(
                "%(count)d email was left as it is: %(reason)s",
                "%(count)d emails were left as they are: %(reason)s",
                count,
            )
            messages.warning(request, text % {"count": count, "reason": reason})
        return done


class HoldForm(PortalFormMixin, forms.Form):
    """Why all mail is held."""

    reason = forms.CharField(
        label=_("Why"), max_length=200, help_text=_("Stands in the record, and above the list of emails.")
    )


@admin.register(MailHold)
class MailHoldAdmin(ReadOnlyAdmin):
    """When mail was held, by whom and why."""

    list_display = ("held_at", "held_by", "reason", "released_at", "released_by")
    list_select_related = ("held_by", "released_by")


def _actor(request: HttpRequest) -> "AbstractBaseUser":
    # The administration lets nobody in who is not logged in.
    return cast("AbstractBaseUser", request.user)
