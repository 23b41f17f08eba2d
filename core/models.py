"""Files kept in the database: certificates, evidence and signatures, each under the hash of its content."""

import hashlib

import pgtrigger
from django.conf import settings
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


class SavedSearch(models.Model):
    """The filters, the search and the order of a list of the administration, under a name that its owner gave."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="saved_searches",
        verbose_name=_("owner"),
    )
    list = models.CharField(_("list"), max_length=100)
    name = models.CharField(_("name"), max_length=60)
    query = models.CharField(_("filters"), max_length=1000)

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["owner", "list", "name"], name="core_savedsearch_name_once")
        ]

    def __str__(self) -> str:
        return self.name


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
