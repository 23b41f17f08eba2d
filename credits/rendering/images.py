"""The two pictures of a certificate, prepared so that the PDF stays small, opaque and crisp."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from io import BytesIO

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from .codes import symbol
from .errors import SignatureError

# 300 dots an inch at the widest the template shows a signature (2.4 in).
_SIGNATURE_WIDTH, _SIGNATURE_HEIGHT = 720, 240
_MODULE_PIXELS = 4
_LIGHT, _DARK = b"\xff" * _MODULE_PIXELS, b"\0" * _MODULE_PIXELS
_PNG_END = b"IEND\xaeB`\x82"


def qr_png(text: str) -> bytes:
    """A QR code as a small grey PNG without a quiet zone; the template leaves the paper around it white.

    A picture rather than vectors: neighbouring rectangles show hairline seams on screens.
    """
    side, pixels = qr_pixels(text)
    return _png(Image.frombytes("L", (side, side), pixels))


def qr_pixels(text: str) -> tuple[int, bytes]:
    """The pixels of `qr_png` row by row, one byte each, and how many there are in a row."""
    rows = symbol(text)
    pixels = b"".join(
        row.encode().replace(b"0", _LIGHT).replace(b"1", _DARK) * _MODULE_PIXELS for row in rows
    )
    return len(rows) * _MODULE_PIXELS, pixels


def check_signature(signature_png: bytes | None, *, sha256: str) -> None:
    """Raise SignatureError unless the image is the one with this SHA-256, or there is neither."""
    if signature_png is None:
        if sha256:
            raise SignatureError(_("The signature image this certificate names is missing from the store."))
    elif not sha256:
        raise SignatureError(_("A signature image was given for a certificate that names none."))
    elif hashlib.sha256(signature_png).hexdigest() != sha256:
        raise SignatureError(_("The signature image is not the one this certificate was made with."))


@lru_cache(maxsize=8)
def signature_on_paper(signature_png: bytes) -> bytes:
    """The signature on white, at print resolution. A batch shares one, so the last few are kept."""
    unreadable = _("The signature image cannot be read: upload it again as PNG.")
    # WeasyPrint makes Pillow accept truncated images, in the whole process: half a signature must not pass.
    if not signature_png.endswith(_PNG_END):
        raise SignatureError(unreadable)
    try:
        with Image.open(BytesIO(signature_png), formats=["PNG"]) as image:
            image.thumbnail((_SIGNATURE_WIDTH, _SIGNATURE_HEIGHT))
            ink = image.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise SignatureError(unreadable) from error
    paper = Image.new("RGBA", ink.size, "white")
    return _png(Image.alpha_composite(paper, ink).convert("RGB"))


def _png(image: Image.Image) -> bytes:
    output = BytesIO()
    image.save(output, format="PNG")
    return output.getvalue()
