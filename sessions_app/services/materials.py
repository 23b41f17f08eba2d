"""What a session's people may read: links and files, added and removed."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import audit
from core.errors import BadInputError
from core.models import delete_unless_needed, store_file
from participants.models import User
from sessions_app.materials import Checked, MaterialError, check_material, is_web_address
from sessions_app.models import EchoSession, Material

REFUSALS = {
    "name": gettext_lazy(
        "This file's name holds signs that a file's name should not. Give it a plain name, and choose it again."
    ),
    "name_long": gettext_lazy(
        "This file's name is longer than 200 letters. Shorten it, and choose it again."
    ),
    "kind": gettext_lazy(
        "Files of this kind are not taken. Choose a PDF, a Word, PowerPoint, Excel or OpenDocument file, or a PNG "
        "or JPEG picture."
    ),
    "empty": gettext_lazy("This file is empty. Choose another one."),
    "too_large": gettext_lazy("This file is larger than 20 MB. Make it smaller, or give a link to it."),
    "macros": gettext_lazy("This document holds macros. Save it without them, and choose it again."),
    "content": gettext_lazy(
        "This file is not what the end of its name says, or it is damaged. Save it again in a program that writes "
        "such files, or as PDF."
    ),
}


def check_file(*, filename: str, content: bytes) -> Checked:
    """The file as it may be kept. Raises BadInputError in words for whoever chose it."""
    try:
        return check_material(filename, content)
    except MaterialError as error:
        raise BadInputError(str(REFUSALS[error.code])) from error


@transaction.atomic
def add_material(
    *,
    session_id: int,
    title: str,
    title_fr: str = "",
    url: str = "",
    content: bytes | None = None,
    filename: str = "",
    position: int = 1,
    by: User,
    now: datetime,
) -> Material:
    """Add a link, or a file, to a session; the same one under the same title is there once.

    Raises BadInputError for none or both of them, for a link that is no web address, and for a file that is not
    taken (check_file).
    """
    if bool(url) == (content is not None):
        raise BadInputError(_("Give a link or a file, one of the two."))
    if url and not is_web_address(url):
        raise BadInputError(_("Give a whole link that begins with http:// or https://."))
    session = EchoSession.objects.select_for_update().get(pk=session_id)
    values: dict[str, Any] = {"title": title, "url": url, "file": None, "filename": ""}
    with audit.act("material.add", by=by):
        if content is not None:
            checked = check_file(filename=filename, content=content)
            values["file"] = store_file(checked.content, content_type=checked.content_type)
            values["filename"] = checked.filename
        present = session.materials.filter(**values).first()
        return present or Material.objects.create(
            session=session, title_fr=title_fr, position=position, added_at=now, **values
        )


@transaction.atomic
def remove_material(*, material_id: int, by: User) -> None:
    """Take a material away, and its file where nothing else needs it; one that is gone already stays gone."""
    material = (
        Material.objects.select_for_update(of=("self",))
        .select_related("file")
        .defer("file__content")
        .filter(pk=material_id)
        .first()
    )
    if material is None:
        return
    with audit.act("material.remove", by=by):
        material.delete()
        if material.file is not None:
            delete_unless_needed(material.file)
