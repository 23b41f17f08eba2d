"""What became of a case: the presenter's report."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from cases.access import own_case
from cases.models import CaseFollowUp, CaseSubmission
from cases.screened_forms import FollowUpForm
from cases.screening import IdentifiersFoundError
from cases.services import ConfirmFirstError, report_follow_up
from core.caching import no_store
from core.errors import DomainError
from core.forms import render_invalid
from participants.requests import current_user

TEMPLATE = "cases/follow_up.html"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
@no_store
def case_follow_up(request: HttpRequest, echo_id: str) -> HttpResponse:
    """Report once what became of one's own case, from its letter on; afterwards the page shows the report."""
    user = current_user(request)
    case = own_case(user, echo_id, statuses=[CaseSubmission.Status.RECOMMENDATIONS_SENT])
    reported = CaseFollowUp.objects.filter(case=case).first()
    form = FollowUpForm(request.POST if request.method == "POST" else None)
    context = {"case": case, "form": form, "follow_up": reported}
    if request.method != "POST":
        return render(request, TEMPLATE, context)
    if form.is_valid():
        try:
            report_follow_up(
                case_id=case.pk,
                outcome=form.cleaned_data["outcome"],
                text=form.cleaned_data["text"],
                is_confirmed=form.is_confirmed,
                by=user,
                now=timezone.now(),
            )
        except (IdentifiersFoundError, ConfirmFirstError) as error:
            form.refuse(error)
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Thank you. Your report is now with the case."))
            return redirect("cases:case-detail", echo_id=case.echo_id)
    return render_invalid(request, TEMPLATE, context)
