"""The public verification page: by the code on the paper, or by the file itself; it says no more than the paper."""

import hashlib
from typing import Any, cast

from allauth.core.internal.ratelimit import consume
from allauth.core.ratelimit import respond_429
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from credits.facts import CertificateFacts
from credits.forms import VerifyFileForm, VerifyForm
from credits.models import Certificate

UNKNOWN_CODES = "30/5m/ip"
"""Codes and files that lead to no certificate, which one address may try. Those that do lead to one are not counted."""
LARGEST_FILE = 20 * 1024 * 1024


class HashingUploadHandler(FileUploadHandler):
    """Takes a file's SHA-256 as it arrives, and keeps nothing of it: neither in memory nor on disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin a file."""
        super().new_file(*args, **kwargs)
        self.digest = hashlib.sha256()
        self.received = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Take a piece, and let it go. A file larger than any certificate ends the upload."""
        self.received += len(raw_data)
        if self.received > LARGEST_FILE:
            raise StopUpload(connection_reset=False)
        self.digest.update(raw_data)

    def file_complete(self, file_size: int) -> "HashedFile":
        """The file as the form sees it: empty but for its hash."""
        return HashedFile(file=None, name=self.file_name, size=self.received, digest=self.digest.hexdigest())


class HashedFile(UploadedFile[bytes]):
    """A file of which only the hash is known."""

    def __init__(self, *, digest: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.digest = digest

    def close(self) -> None:
        """Nothing is open."""


def verify_form(request: HttpRequest) -> HttpResponse:
    """Type the code printed on a certificate, or choose the file."""
    form = VerifyForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return redirect("credits:certificate-verify", token=form.cleaned_data["code"])
    return _forms(request, form, VerifyFileForm(), status=422 if form.errors else 200)


@csrf_exempt  # the inner view is protected; the handler has to be set before anything of the request is read
@require_POST
def verify_file(request: HttpRequest) -> HttpResponse:
    """Look a file up by its SHA-256. Nothing of it is stored."""
    request.upload_handlers = [HashingUploadHandler(request)]
    return _verify_file(request)


@csrf_protect
def _verify_file(request: HttpRequest) -> HttpResponse:
    form = VerifyFileForm(request.POST, request.FILES)
    if form.is_valid():
        digest = form.cleaned_data["document"].digest
        certificate = Certificate.objects.filter(sha256=digest, issued_at__isnull=False).first()
        if certificate is not None:
            return redirect("credits:certificate-verify", token=certificate.token)
        if is_one_too_many(request):
            return cast("HttpResponse", respond_429(request))
        form.add_error(
            "document",
            _(
                "This file is not, byte for byte, a document that this portal has issued. It may have been printed "
                "to a new file, or changed. Type the code that it shows instead."
            ),
        )
    return _forms(request, VerifyForm(), form, status=422)


def _forms(request: HttpRequest, form: VerifyForm, file_form: VerifyFileForm, *, status: int) -> HttpResponse:
    response = render(
        request, "credits/verify_form.html", {"form": form, "file_form": file_form}, status=status
    )
    response["Cache-Control"] = "no-store"
    return response


@require_safe
@never_cache
def certificate_verify(request: HttpRequest, token: str) -> HttpResponse:
    """Whether a certificate is valid, superseded or revoked: no more than the paper shows (rule 16)."""
    certificate = (
        Certificate.objects.filter(token=token)
        .filter(issued_at__isnull=False)
        .select_related("superseded_by")
        .first()
    )
    if certificate is None and is_one_too_many(request):
        return cast("HttpResponse", respond_429(request))
    facts = CertificateFacts.from_json(certificate.facts) if certificate else None
    response = render(
        request,
        "credits/certificate_verify.html",
        {"certificate": certificate, "facts": facts},
        status=200 if certificate else 404,
    )
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def is_one_too_many(request: HttpRequest) -> bool:
    """Count what led to no certificate, and say whether the address has tried too often.

    Only that is counted: a code has 128 bits, so a right one is no guess. It is answered, whoever shares the address.
    """
    action = "verify-certificate"
    return (
        consume(request, app="credits", action=action, config={action: UNKNOWN_CODES}, limit_get=True) is None
    )
