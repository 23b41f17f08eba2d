"""Files kept in the database: certificates, evidence and signatures, each under the hash of its content."""

import hashlib

import pgtrigger
from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils.translation import gettext_lazy as _


class StoredFile(models.Model):
    """Content that never changes, found by its SHA-256. The database is the one thing to back up (docs/decisions)."""

    sha256 = models.CharField(_("SHA-256"), max_length=64, unique=True)
    content_type = models.CharField(_("type"), max_length=100)
    size = models.PositiveIntegerField(_("bytes"))
    content = models.BinaryField()
    stored_at = models.DateTimeField(_("stored"), auto_now_add=True)

    class Meta:
        verbose_name = _("stored file")
        verbose_name_plural = _("stored files")
        triggers = [pgtrigger.Protect(name="stored_file_is_immutable", operation=pgtrigger.Update)]

    def __str__(self) -> str:
        return self.sha256[:12]


def store_file(content: bytes, *, content_type: str) -> StoredFile:
    """Keep `content` and return its row; the same content is kept once, however often and by whomever it is stored."""
    digest = hashlib.sha256(content).hexdigest()
    StoredFile.objects.bulk_create(
        [StoredFile(sha256=digest, content_type=content_type, size=len(content), content=content)],
        ignore_conflicts=True,
    )
    return StoredFile.objects.defer("content").get(sha256=digest)


def delete_unless_needed(file: StoredFile) -> None:
    """Delete the file unless another record points to it: the same content is kept once for all."""
    try:
        with transaction.atomic():
            file.delete()
    except ProtectedError:
        return
