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
from credits.signatures import MAX_BYTES, store_signature
from tests.factories import make_accreditation, make_cycle

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
