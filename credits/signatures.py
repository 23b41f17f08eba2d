"""Signature images: read, checked and re-encoded, so that nothing but plain pixels is stored."""

import io
import warnings

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError

from core.errors import BadInputError
from core.models import StoredFile, store_file

MAX_BYTES = 1024 * 1024
MAX_PIXELS = 4_000_000
TARGET_WIDTH = 900
# How a whole file ends. Pillow would fill up one that was cut short: WeasyPrint tells it to, for the whole process.
ENDINGS = (b"IEND\xaeB`\x82", b"\xff\xd9")


def store_signature(content: bytes) -> StoredFile:
    """Keep a PNG or JPEG of a signature as an opaque PNG of at most 900 pixels' width.

    Raises BadInputError for anything else: other formats (SVG can hold scripts), more than 1 MB or 4 megapixels.
    """
    if len(content) > MAX_BYTES:
        raise BadInputError(_("The image is larger than 1 MB. Choose a smaller one."))
    if not content.rstrip(b"\x00\r\n").endswith(ENDINGS):
        raise BadInputError(_("This is not a whole PNG or JPEG image."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=["PNG", "JPEG"])
            if image.width * image.height > MAX_PIXELS:
                raise BadInputError(_("The image has too many pixels. Scale it to 900 pixels' width."))
            pixels = image.convert("RGBA")
    except (
        UnidentifiedImageError,
        OSError,
        Image.DecompressionBombWarning,
        SyntaxError,
        ValueError,
    ) as error:
        raise BadInputError(_("This is not a PNG or JPEG image.")) from error
    if pixels.width > TARGET_WIDTH:
        pixels = pixels.resize((TARGET_WIDTH, max(1, round(pixels.height * TARGET_WIDTH / pixels.width))))
    # PDF/A and fast drawing both want images without transparency.
    opaque = Image.new("RGB", pixels.size, "white")
    opaque.paste(pixels, mask=pixels.getchannel("A"))
    buffer = io.BytesIO()
    opaque.save(buffer, "PNG", optimize=True)
    return store_file(buffer.getvalue(), content_type="image/png")
