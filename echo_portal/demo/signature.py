"""The signature of a physician who does not exist: a few strokes of ink, drawn and not scanned."""

import io
import math

from PIL import Image, ImageDraw

SIZE = (720, 220)
INK = (24, 32, 92)
SCALE = 3
# Where the pen goes, stroke by stroke; between the points it follows a smooth curve.
STROKES = (
    ((60, 168), (78, 96), (112, 38), (150, 34), (156, 78), (112, 112), (96, 118), (150, 122), (196, 166)),
    (
        (210, 148),
        (236, 112),
        (254, 132),
        (226, 158),
        (262, 150),
        (286, 112),
        (282, 158),
        (318, 118),
        (334, 154),
    ),
    (
        (350, 158),
        (372, 44),
        (388, 40),
        (366, 150),
        (402, 116),
        (428, 128),
        (420, 158),
        (460, 112),
        (474, 154),
    ),
    ((490, 150), (528, 60), (544, 154), (560, 118), (604, 96), (664, 122)),
    ((120, 190), (300, 176), (520, 182), (690, 164)),
)


def signature_png() -> bytes:
    """The image as PNG; the same at every call."""
    image = Image.new("RGB", (SIZE[0] * SCALE, SIZE[1] * SCALE), "white")
    pen = ImageDraw.Draw(image)
    for stroke in STROKES:
        for at, (x, y) in enumerate(_curve(stroke)):
            # A pen presses harder here than there.
            radius = SCALE * (1.7 + 0.8 * math.sin(at / 17))
            pen.ellipse(
                (x * SCALE - radius, y * SCALE - radius, x * SCALE + radius, y * SCALE + radius), fill=INK
            )
    buffer = io.BytesIO()
    image.resize(SIZE, Image.Resampling.LANCZOS).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def _curve(points: tuple[tuple[int, int], ...], steps: int = 60) -> list[tuple[float, float]]:
    """A Catmull-Rom curve through the points."""
    padded = [points[0], *points, points[-1]]
    curve = []
    for first, start, end, last in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(steps):
            t = step / steps
            x, y = (
                0.5
                * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
                for a, b, c, d in zip(first, start, end, last, strict=True)
            )
            curve.append((x, y))
    return curve
