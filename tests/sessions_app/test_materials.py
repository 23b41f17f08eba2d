"""Materials: what may be handed in, who gets it, and that no browser ever runs it."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from urllib.parse import quote

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook
from pghistory.models import Events
from PIL import Image
from weasyprint import HTML

from core.errors import BadInputError
from core.models import StoredFile, delete_unless_needed, store_file
from participants.models import Agreement
from sessions_app.materials import (
    MAX_BYTES,
    TYPES,
    MaterialError,
    check_material,
    content_type_of,
    is_web_address,
)
from sessions_app.models import Cycle, Enrolment, Material
from sessions_app.services import add_material, remove_material
from tests import documents as made
from tests.clock import toronto
from tests.factories import make_cycle, make_enrolment, make_material, make_session, make_user

NOW = toronto(2025, 9, 10, 9)
OFFICE = "application/vnd.openxmlformats-officedocument"

# --- what may be handed in ------------------------------------------------------------------------------------------

TAKEN = [
    ("slides.pdf", made.PDF, "application/pdf"),
    ("SLIDES.PDF", made.PDF, "application/pdf"),
    ("slides.pptx", made.PPTX, f"{OFFICE}.presentationml.presentation"),
    ("notes.docx", made.DOCX, f"{OFFICE}.wordprocessingml.document"),
    ("doses.xlsx", made.XLSX, f"{OFFICE}.spreadsheetml.sheet"),
    ("slides.odp", made.ODP, "application/vnd.oasis.opendocument.presentation"),
    ("notes.odt", made.ODT, "application/vnd.oasis.opendocument.text"),
    ("doses.ods", made.ODS, "application/vnd.oasis.opendocument.spreadsheet"),
    ("figure.png", made.PNG, "image/png"),
    ("photo.jpg", made.JPEG, "image/jpeg"),
    ("photo.jpeg", made.JPEG, "image/jpeg"),
    ("Évaluation de la douleur (v2.1).pdf", made.PDF, "application/pdf"),
]


@pytest.mark.parametrize(("filename", "content", "content_type"), TAKEN)
def test_document_or_picture_is_taken_under_its_own_type(filename, content, content_type):
    checked = check_material(filename, content)

    assert (checked.filename, checked.content, checked.content_type) == (filename, content, content_type)
    assert content_type_of(filename) == content_type


def written(write):
    """What a program of the real world writes."""
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


def test_what_real_programs_write_is_taken():
    picture = Image.new("RGB", (40, 30), "white")
    files = {
        "doses.xlsx": written(Workbook().save),
        "figure.png": written(lambda buffer: picture.save(buffer, "PNG")),
        "photo.jpg": written(lambda buffer: picture.save(buffer, "JPEG")),
        "photo.pdf": written(lambda buffer: picture.save(buffer, "PDF")),
        "letter.pdf": HTML(string="<p>A letter.</p>").write_pdf(),
    }

    for filename, content in files.items():
        assert check_material(filename, content).content_type == content_type_of(filename)


TYPED_AS_WORD = f'<Types ContentType="{OFFICE}.wordprocessingml.document.main+xml"/>'.encode()
BOMB = made.archive({"[Content_Types].xml": b"0" * 30_000_000})
POLYGLOT = made.PDF.replace(b"trailer", b"<script>alert(1)</script>trailer")

# file name, content, why it is refused
HOSTILE = [
    ("empty.pdf", b"", "empty"),
    ("large.pdf", b"%PDF-1.7" + b"\0" * MAX_BYTES + b"%%EOF", "too_large"),
    ("report.pdf.exe", made.EXE, "kind"),
    ("report.exe", made.EXE, "kind"),
    ("report.pdf", made.EXE, "content"),
    ("page.html", made.HTML, "kind"),
    ("page.pdf", made.HTML, "content"),
    ("page.pdf.htm", made.HTML, "kind"),
    ("page.xhtml", made.HTML, "kind"),
    ("picture.svg", made.SVG, "kind"),
    ("picture.png", made.SVG, "content"),
    ("picture.jpg", made.PNG, "content"),
    ("picture.gif", b"GIF89a=1/*" + made.HTML, "kind"),
    ("script.js", b"alert(1)", "kind"),
    ("script.pdf", b"#!/bin/sh\nrm -rf /\n", "content"),
    ("macro.docm", made.DOCX, "kind"),
    ("macro.docx", made.open_xml("wordprocessingml.document", **{"word/vbaProject.bin": b"x"}), "macros"),
    ("macro.odt", made.open_document("text", **{"Basic/Standard/Module1.xml": b"x"}), "macros"),
    ("template.docx", made.open_xml("wordprocessingml.template"), "content"),
    ("sheet.docx", made.XLSX, "content"),
    ("archive.docx", made.archive({"evil.exe": made.EXE}), "content"),
    ("archive.zip", made.archive({"evil.exe": made.EXE}), "kind"),
    ("app.docx", made.archive({"META-INF/MANIFEST.MF": b"Main-Class: Evil"}), "content"),
    ("opens-itself.docx", made.EXE + made.DOCX, "content"),
    ("bomb.docx", BOMB, "content"),
    ("packed.docx", made.archive({"[Content_Types].xml": TYPED_AS_WORD}, method=zipfile.ZIP_LZMA), "content"),
    ("cut.docx", made.DOCX[:-30], "content"),
    ("cut.pdf", made.PDF[:-10], "content"),
    ("cut.png", made.PNG[:-10], "content"),
    ("late.pdf", made.HTML + made.PDF, "content"),
    ("many.docx", made.DOCX + b"PK\x01\x02" * 6_000, "content"),
    ("../../etc/cron.d/report.pdf", made.PDF, "name"),
    ("C:\\Windows\\report.pdf", made.PDF, "name"),
    ("report\r\nSet-Cookie: a=b.pdf", made.PDF, "name"),
    ("report\0.pdf", made.PDF, "name"),
    ("fdp.\u202egnp.exe.pdf", made.PDF, "name"),
    ("re\u200bport.pdf", made.PDF, "name"),
    (".pdf", made.PDF, "name"),
    (".htaccess", b"AddType text/html .pdf", "name"),
    ("a" * 300 + ".pdf", made.PDF, "name_long"),
    ("", made.PDF, "name"),
    ("report", made.PDF, "kind"),
    ("report.pdf.", made.PDF, "kind"),
    ("report.pdf .exe", made.PDF, "kind"),
    ('report".pdf', made.PDF, "name"),
]


@pytest.mark.parametrize(("filename", "content", "code"), HOSTILE, ids=[repr(row[0])[:40] for row in HOSTILE])
def test_hostile_file_is_refused_with_its_reason(filename, content, code):
    with pytest.raises(MaterialError) as caught:
        check_material(filename, content)
    assert caught.value.code == code


@given(st.text(max_size=30), st.sampled_from(sorted(TYPES)), st.binary(max_size=300))
def test_noise_is_refused_and_nothing_else_happens(stem, ending, content):
    with pytest.raises(MaterialError):
        check_material(f"{stem}.{ending}", b"PK\x03\x04" + content)


@pytest.mark.parametrize(
    ("url", "is_one"),
    [
        ("https://library.example/a", True),
        ("http://library.example", True),
        ("ftp://library.example/a", False),
        ("javascript:alert(1)", False),
        ("data:text/html,<script>", False),
        ("//library.example/a", False),
        ("https://", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_web_address_is_http_to_some_machine(url, is_one):
    assert is_web_address(url) is is_one


# --- adding and removing --------------------------------------------------------------------------------------------


@pytest.fixture
def session(db):
    return make_session(make_cycle(), meeting_url="https://video.example/room")


def add(session, by, **values):
    values = {"title": "Slides", "content": made.PDF, "filename": "slides.pdf"} | values
    return add_material(session_id=session.pk, by=by, now=NOW, **values)


def test_file_is_added_once_with_its_actor_on_record(session, coordinator):
    first, again = add(session, coordinator, title_fr="Diapositives"), add(session, coordinator)

    assert first == again
    kept = Material.objects.get()
    assert (kept.title, kept.title_fr, kept.filename, kept.added_at) == (
        "Slides",
        "Diapositives",
        "slides.pdf",
        NOW,
    )
    assert kept.file is not None
    assert bytes(kept.file.content) == made.PDF
    event = Events.objects.tracks(kept).get()
    assert event.pgh_context["verb"] == "material.add"
    assert event.pgh_context["user"] == coordinator.pk


def test_link_is_added_without_a_file(session, coordinator):
    add(session, coordinator, content=None, filename="", url="https://library.example/a")

    kept = Material.objects.get()
    assert (kept.url, kept.file, kept.filename) == ("https://library.example/a", None, "")


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"url": "https://library.example/a"}, "one of the two"),
        ({"content": None, "filename": ""}, "one of the two"),
        ({"content": None, "filename": "", "url": "ftp://library.example/a"}, "http:// or https://"),
        ({"filename": "slides.exe"}, "Files of this kind are not taken"),
        ({"content": made.EXE}, "not what the end of its name says"),
        ({"content": b""}, "is empty"),
        ({"filename": "a/b.pdf"}, "plain name"),
        ({"filename": "a" * 300 + ".pdf"}, "longer than 200 letters"),
    ],
)
def test_material_that_is_not_taken_leaves_nothing(session, coordinator, values, words):
    with pytest.raises(BadInputError, match=words):
        add(session, coordinator, **values)
    assert not Material.objects.exists()
    assert not StoredFile.objects.exists()


def test_removed_material_takes_its_file_along_and_stays_in_the_history(session, coordinator):
    kept = add(session, coordinator)

    remove_material(material_id=kept.pk, by=coordinator)
    remove_material(material_id=kept.pk, by=coordinator)

    assert not Material.objects.exists()
    assert not StoredFile.objects.exists()
    removed = Events.objects.tracks(kept).order_by("pgh_id").last()
    assert removed.pgh_context["verb"] == "material.remove"


def test_file_that_another_material_needs_is_kept(session, coordinator):
    one, two = add(session, coordinator), add(session, coordinator, title="The same again")
    assert one.file_id == two.file_id

    remove_material(material_id=one.pk, by=coordinator)

    assert bytes(two.file.content) == made.PDF
    delete_unless_needed(two.file)
    assert StoredFile.objects.filter(pk=two.file_id).exists()


# --- handing out ----------------------------------------------------------------------------------------------------


def url_of(material):
    return reverse("sessions_app:material", args=[material.pk])


@pytest.fixture
def handout(session):
    file = store_file(made.PDF, content_type="application/pdf")
    return make_material(session, file=file, filename="slides.pdf")


def test_visitor_is_asked_to_log_in(client, handout):
    response = client.get(url_of(handout))

    assert response.status_code == 302
    assert "/accounts/login/" in response["Location"]


@pytest.mark.parametrize(
    "status", [None, Enrolment.Status.APPLIED, Enrolment.Status.WITHDRAWN, Enrolment.Status.WAITLISTED]
)
def test_file_is_not_there_for_who_is_not_in_the_cycle(client, handout, outsider, status):
    make_enrolment(make_cycle(sessions=1), outsider)
    if status:
        make_enrolment(handout.session.cycle, outsider, status=status)
    client.force_login(outsider)

    assert client.get(url_of(handout)).status_code == 404


def test_file_is_not_there_before_the_cycle_is_published(client, session, handout, family_physician):
    make_enrolment(session.cycle, family_physician)
    client.force_login(family_physician)
    assert client.get(url_of(handout)).status_code == 200

    Cycle.objects.filter(pk=session.cycle_id).update(status=Cycle.Status.PLANNED)

    assert client.get(url_of(handout)).status_code == 404


def test_staff_without_a_role_do_not_get_the_file_and_coordinators_do(client, handout, coordinator):
    client.force_login(make_user(is_staff=True))
    assert client.get(url_of(handout)).status_code == 404

    client.force_login(coordinator)
    assert client.get(url_of(handout)).status_code == 200


def test_link_has_no_file_to_hand_out(client, session, coordinator):
    client.force_login(coordinator)

    assert client.get(url_of(make_material(session))).status_code == 404


def test_participant_who_has_not_agreed_is_led_to_the_agreements(client, handout, family_physician):
    make_enrolment(handout.session.cycle, family_physician)
    Agreement.objects.create(
        kind=Agreement.Kind.PARTICIPATION,
        version=99,
        title="New terms",
        text="Be kind.",
        published_at=NOW - timedelta(days=1),
    )
    client.force_login(family_physician)

    response = client.get(url_of(handout))

    assert response.status_code == 302
    assert (
        response["Location"] == f"{reverse('participants:agreements')}?next={quote(url_of(handout), safe='')}"
    )


def test_only_reading_is_allowed(client, handout, coordinator):
    client.force_login(coordinator)

    assert client.post(url_of(handout)).status_code == 405


@pytest.mark.parametrize("row", [*TAKEN, ("both.pdf", POLYGLOT, "application/pdf")], ids=lambda row: row[0])
def test_what_is_taken_is_a_download_that_no_browser_runs(client, session, coordinator, row):
    filename, content, content_type = row
    kept = add(session, coordinator, filename=filename, content=content)
    client.force_login(coordinator)

    response = client.get(url_of(kept))

    assert response.content == content
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"].startswith("attachment; filename")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in response["Cache-Control"]


def test_name_with_accents_is_told_as_rfc_5987_wants_it(client, session, coordinator):
    kept = add(session, coordinator, filename="Évaluation.pdf")
    client.force_login(coordinator)

    assert client.get(url_of(kept))["Content-Disposition"] == (
        "attachment; filename*=utf-8''%C3%89valuation.pdf"
    )


def test_type_is_the_names_own_whoever_stored_the_same_content_before(client, session, coordinator):
    store_file(made.PDF, content_type="text/html")
    kept = add(session, coordinator)
    client.force_login(coordinator)

    assert kept.file.content_type == "text/html"
    assert client.get(url_of(kept))["Content-Type"] == "application/pdf"
