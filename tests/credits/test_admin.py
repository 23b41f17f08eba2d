"""The coordinator's screens for accreditations and signatures: warned of old rates, safe from odd files."""

from __future__ import annotations

import io
from datetime import date
from decimal import Decimal

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from core.errors import BadInputError
from core.models import StoredFile
from credits.models import Accreditation, Certificate, CreditLine
from credits.signatures import MAX_BYTES, store_signature
from tests.credits import pdfs
from tests.credits.certificates import needs_engine
from tests.database import write
from tests.factories import make_accreditation, make_cycle, make_program

pytestmark = pytest.mark.django_db


def image(kind: str = "PNG", size: tuple[int, int] = (300, 100), mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, size, 0).save(buffer, kind)
    return buffer.getvalue()


def save_in_admin(client, accreditation, **changes):
    values = {
        "program": accreditation.program_id,
        "accreditor": accreditation.accreditor,
        "accredited_title": accreditation.accredited_title,
        "valid_from": accreditation.valid_from,
        "valid_to": accreditation.valid_to,
        "physician_name": accreditation.physician_name,
        **{f"{prefix}-TOTAL_FORMS": 0 for prefix in ("lines", "session_identifiers")},
        **{f"{prefix}-INITIAL_FORMS": 0 for prefix in ("lines", "session_identifiers")},
    }
    url = reverse("admin:credits_accreditation_change", args=[accreditation.pk])
    if accreditation.pk is None:
        url = reverse("admin:credits_accreditation_add")
    return client.post(url, values | changes)


@pytest.mark.parametrize(
    ("per_hour", "starts_on", "is_warned"),
    [
        (Decimal(2), date(2026, 1, 8), True),
        (Decimal(2), date(2025, 12, 18), False),
        (Decimal(1), date(2026, 1, 8), False),
    ],
)
def test_two_credits_an_hour_after_2025_is_saved_with_a_warning(
    client, coordinator, per_hour, starts_on, is_warned
):
    cycle = make_cycle(sessions=1, starts_on=starts_on)
    accreditation = make_accreditation(
        cycle.program, lines=[{"category": "family_physician", "per_hour": per_hour}]
    )
    client.force_login(coordinator)

    saved = save_in_admin(client, accreditation, accreditor="The College")

    assert saved.status_code == 302
    accreditation.refresh_from_db()
    assert accreditation.accreditor == "The College"
    warned = any("1 credit an hour" in str(message) for message in get_messages(saved.wsgi_request))
    assert warned is is_warned


def test_signature_is_kept_until_a_new_one_is_chosen(client, coordinator):
    accreditation = make_accreditation(make_cycle(sessions=1).program, lines=[])
    client.force_login(coordinator)

    upload = SimpleUploadedFile("signature.png", image(), content_type="image/png")
    assert save_in_admin(client, accreditation, signature_image=upload).status_code == 302
    accreditation.refresh_from_db()
    first = accreditation.signature
    assert first is not None

    assert save_in_admin(client, accreditation).status_code == 302
    accreditation.refresh_from_db()
    assert accreditation.signature == first

    svg = SimpleUploadedFile("s.svg", b"<svg onload='x()'/>", content_type="image/svg+xml")
    refused = save_in_admin(client, accreditation, signature_image=svg)
    assert refused.status_code == 422
    assert "PNG or JPEG" in refused.content.decode()


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_signature_becomes_an_opaque_png_of_modest_width(kind):
    stored = store_signature(image(kind, (2000, 500), "RGBA" if kind == "PNG" else "RGB"))

    kept = Image.open(io.BytesIO(bytes(stored.content)))
    assert (kept.format, kept.mode, kept.size) == ("PNG", "RGB", (900, 225))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        image("GIF"),
        image()[:-20],
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 40 + b"IEND\xaeB`\x82",
        image("PNG", (3000, 2000)),
        b"x" * (MAX_BYTES + 1),
    ],
    ids=["empty", "svg", "gif", "cut short", "no image", "six megapixels", "too large"],
)
def test_signature_that_is_no_modest_image_is_refused_and_not_kept(content):
    with pytest.raises(BadInputError):
        store_signature(content)
    assert not StoredFile.objects.exists()


# --- bad input ------------------------------------------------------------------------------------------------------


def save_line(client, line, **changes):
    """Save the accreditation with one of its lines changed, as the form sends it."""
    values = {
        field: getattr(line, field)
        for field in ("category", "unit", "per_hour", "cap", "credit_name", "document_title", "statement")
    } | changes
    sent = {f"lines-0-{name}": value for name, value in values.items()}
    sent |= {"lines-0-id": line.pk or "", "lines-0-accreditation": line.accreditation_id or ""}
    return save_in_admin(
        client,
        line.accreditation,
        **sent,
        **{"lines-TOTAL_FORMS": 1, "lines-INITIAL_FORMS": int(bool(line.pk))},
    )


@pytest.fixture
def line(db):
    return make_accreditation(
        make_cycle(sessions=2).program, lines=[{"category": "family_physician"}]
    ).lines.get()


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"per_hour": "0"}, "greater than or equal to 0.25"),
        ({"per_hour": "40"}, "less than or equal to 10"),
        ({"per_hour": "-2"}, "greater than or equal to 0.25"),
        ({"per_hour": "NaN"}, "Enter a number"),
        ({"cap": "-1"}, "greater than or equal to 0.25"),
        ({"cap": "1e9"}, "no more than"),
        ({"unit": "hours"}, "an hour is one hour"),
        ({"statement": "  "}, "required"),
        ({"category": "dentist"}, "not one of the available choices"),
    ],
)
def test_line_that_makes_no_sense_is_refused_in_words(client, coordinator, line, changes, says):
    client.force_login(coordinator)
    before = type(line).objects.values().get()

    response = save_line(client, line, **changes)

    assert response.status_code == 422
    assert says in response.content.decode()
    assert type(line).objects.values().get() == before


def test_dates_that_overlap_another_grant_are_refused_in_words(client, coordinator, line):
    make_accreditation(
        line.accreditation.program,
        lines=[{"category": "family_physician"}],
        valid_from=date(2026, 9, 1),
        valid_to=date(2027, 8, 31),
    )
    client.force_login(coordinator)

    response = save_in_admin(client, line.accreditation, valid_to=date(2026, 9, 1))

    assert response.status_code == 422
    assert "already covers this category on some of these days" in response.content.decode()


def new_line(line, **changes):
    """A line like this of a grant that is not saved yet."""
    accreditation = Accreditation.objects.get(pk=line.accreditation_id)
    accreditation.pk = None
    for name, value in changes.items():
        setattr(accreditation, name, value)
    fresh = CreditLine.objects.get(pk=line.pk)
    fresh.pk, fresh.accreditation = None, accreditation
    return fresh


@pytest.mark.parametrize("first_day", [date(2025, 9, 1), date(2026, 8, 31)])
def test_new_grant_that_overlaps_another_is_refused_in_words(client, coordinator, line, first_day):
    client.force_login(coordinator)

    response = save_line(client, new_line(line, valid_from=first_day, valid_to=date(2027, 8, 31)))

    assert response.status_code == 422
    assert "already covers this category on some of these days" in response.content.decode()
    assert Accreditation.objects.get() == line.accreditation


@pytest.mark.parametrize("why", ["later", "elsewhere", "another category"])
def test_new_grant_that_overlaps_no_other_is_saved(client, coordinator, line, why):
    client.force_login(coordinator)
    fresh = new_line(line)
    if why == "later":
        fresh.accreditation.valid_from, fresh.accreditation.valid_to = date(2026, 9, 1), date(2027, 8, 31)
    elif why == "elsewhere":
        fresh.accreditation.program = make_program()
    else:
        fresh.category = "specialist"

    assert save_line(client, fresh).status_code == 302
    assert Accreditation.objects.count() == 2


@pytest.mark.parametrize("name", ["program", "valid_from", "valid_to"])
def test_new_grant_without_a_program_or_a_day_is_refused_in_words(client, coordinator, line, name):
    client.force_login(coordinator)
    fresh = new_line(line)
    setattr(fresh.accreditation, "program_id" if name == "program" else name, "")

    response = save_line(client, fresh)

    assert response.status_code == 422
    assert "This field is required" in response.content.decode()


def test_statement_with_markup_is_kept_as_it_was_written_and_shown_as_words(client, coordinator, line):
    client.force_login(coordinator)
    words = "Certified <b>for</b> <script>alert(1)</script> & more"

    assert save_line(client, line, statement=words).status_code == 302

    line.refresh_from_db()
    assert line.statement == words
    page = client.get(reverse("admin:credits_accreditation_change", args=[line.accreditation_id]))
    assert "<script>alert(1)" not in page.content.decode()


def test_signature_of_fifty_megabytes_is_refused_in_words(client, coordinator, line):
    client.force_login(coordinator)
    upload = SimpleUploadedFile("huge.png", bytes(50 * 1024 * 1024), content_type="image/png")

    response = save_in_admin(client, line.accreditation, signature_image=upload)

    assert response.status_code == 422
    assert "larger than 1 MB" in response.content.decode()


# --- previews -------------------------------------------------------------------------------------------------------


@needs_engine
@pytest.mark.parametrize(("language", "number"), [("en", "SAMPLE"), ("fr", "SPÉCIMEN")])
def test_preview_shows_the_real_words_and_says_that_it_is_a_sample(
    client, coordinator, line, language, number
):
    write(
        line,
        statement="Certified by the College, verbatim.",
        statement_fr="Agréé par le Collège, mot pour mot.",
    )
    client.force_login(coordinator)

    response = client.get(reverse("admin:credits_accreditation_preview", args=[line.pk, language]))

    words = pdfs.text(response.content)
    assert response["Content-Type"] == "application/pdf"
    assert number in words
    assert ("verbatim" if language == "en" else "mot pour mot") in words
    assert "Topic 1" in words
    assert not Certificate.objects.exists()


@needs_engine
def test_preview_of_a_program_without_sessions_is_drawn_all_the_same(client, coordinator):
    line = make_accreditation(
        make_program(), lines=[{"category": "specialist", "unit": "hours", "per_hour": 1}]
    ).lines.get()
    client.force_login(coordinator)

    response = client.get(reverse("admin:credits_accreditation_preview", args=[line.pk, "en"]))

    assert response.content.startswith(b"%PDF")


def test_lines_lead_to_their_previews(client, coordinator, line):
    client.force_login(coordinator)
    page = client.get(reverse("admin:credits_accreditation_change", args=[line.accreditation_id]))

    for language in ("en", "fr"):
        assert (
            reverse("admin:credits_accreditation_preview", args=[line.pk, language]) in page.content.decode()
        )


def test_address_on_a_sample_leads_to_no_certificate(client, db):
    assert client.get("/verify/SAMPLE/").status_code == 404
