"""A certificate reaches nothing but its facts, its code and the one right signature."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from credits.rendering import SignatureError, render_certificate
from tests.credits import pdfs
from tests.credits.certificates import SIGNATURE, SIGNATURE_SHA256, certificate_facts, needs_engine, render


@pytest.fixture(scope="module")
def physician_pdf() -> bytes:
    return render(certificate_facts())


class _Web(BaseHTTPRequestHandler):
    requested: list[str] = []

    def do_GET(self) -> None:
        self.requested.append(self.path)
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def web() -> Iterator[str]:
    """A web server on this machine that notes what is asked of it."""
    _Web.requested = []
    server = HTTPServer(("127.0.0.1", 0), _Web)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A picture on this machine that a document has no business with."""
    picture = tmp_path / "secret.png"
    Image.new("RGB", (41, 43), "red").save(picture)
    return picture


PICTURE = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' width='9' height='9'%3E%3C/svg%3E"
VECTORS = [
    '<img src="{web}/a.png" alt="">',
    '<img src="file://{secret}" alt="">',
    '<img src="{picture}" alt="">',
    '<img src="ftp://127.0.0.1/a.png" alt="">',
    '<link rel="stylesheet" href="{web}/a.css">',
    '<link rel="attachment" href="file://{secret}">',
    '<style>@import url("{web}/a.css");</style>',
    '<style>p {{ background: url("{web}/a.png"); }}</style>',
    '<style>p::before {{ content: url("file://{secret}"); }}</style>',
    '<style>@font-face {{ font-family: x; src: url("{web}/a.ttf"); }} p {{ font-family: x; }}</style>',
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><image href="{web}/a.png"/></svg>',
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><use href="file://{secret}#a"/></svg>',
    '<object data="{web}/a.svg" type="image/svg+xml"></object>',
    '<embed src="{web}/a.png">',
    '<base href="{web}/"><img src="a.png" alt="">',
]


@needs_engine
@pytest.mark.parametrize("vector", VECTORS)
def test_markup_in_the_facts_is_printed_not_followed(vector: str, web: str, secret: Path) -> None:
    hostile = vector.format(web=web, secret=secret, picture=PICTURE)
    pdf = render(
        certificate_facts(count=1, statement=hostile, participant_name=hostile[:200], cycle_name=hostile)
    )

    assert _Web.requested == []
    assert hostile.replace(" ", "") in pdfs.page_texts(pdf)[0].replace(" ", "")


@needs_engine
@pytest.mark.parametrize("vector", VECTORS)
def test_page_that_asks_for_more_gets_nothing(vector: str, web: str, secret: Path) -> None:
    from credits.rendering import document

    html = (
        f"<html lang=en><title>x</title>{vector.format(web=web, secret=secret, picture=PICTURE)}<p>Still here"
    )
    pdf = document.lay_out(html, "certificate.css", {}).write_pdf(pdf_variant="pdf/a-3a")

    assert _Web.requested == []
    assert "Still here" in pdfs.text(pdf)
    assert all(not list(page.images) for page in pdfs.reader(pdf).pages)
    assert pdfs.reader(pdf).attachments == {}


@needs_engine
@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/",
        "https://example.ca/",
        "file:///etc/hostname",
        "ftp://127.0.0.1/",
        "data:text/plain,hello",
        "echo:other",
        "ECHO:qr",
        "/etc/hostname",
        "",
    ],
)
def test_fetcher_refuses_every_address_but_its_own(url: str) -> None:
    from weasyprint.urls import URLFetchingError, fetch

    from core.pdf.fetcher import InMemoryFetcher

    fetcher = InMemoryFetcher({"echo:qr": b"\x89PNG"})

    with fetch(fetcher, "echo:qr") as answer:
        assert answer.read() == b"\x89PNG"
    with pytest.raises(ValueError, match="fetches nothing"):
        fetcher(url)
    with pytest.raises(ValueError, match="fetches nothing"):
        fetcher.open(url)
    with pytest.raises(URLFetchingError), fetch(fetcher, url):
        pass


@needs_engine
def test_certificate_shows_code_and_signature(physician_pdf: bytes) -> None:
    drawn = {image.image.size for image in pdfs.reader(physician_pdf).pages[0].images if image.image}
    unsigned = pdfs.reader(render(certificate_facts(signature_sha256=""))).pages[0].images

    assert (640, 200) in drawn
    assert len(drawn) == 2
    assert len(list(unsigned)) == 1


@needs_engine
def test_qr_code_reads_as_the_verification_address(physician_pdf: bytes) -> None:
    import segno

    address = "https://portal.example.ca/verify/Jv2K8s0QmX4uT7yWc1RbNz/"
    masked = [segno.make_qr(address, error="m", mask=mask).matrix for mask in range(8)]
    size = len(masked[0])
    drawn = [image.image for image in pdfs.reader(physician_pdf).pages[0].images]
    code = next(image for image in drawn if image is not None and image.width == image.height)
    modules = code.convert("L").resize((size, size), Image.Resampling.NEAREST)

    assert [[modules.getpixel((x, y)) == 0 for x in range(size)] for y in range(size)] in [
        [[bool(dark) for dark in row] for row in matrix] for matrix in masked
    ]


def _png(size: tuple[int, int]) -> bytes:
    output = BytesIO()
    Image.new("RGB", size, "navy").save(output, format="PNG")
    return output.getvalue()


@needs_engine
@pytest.mark.parametrize(
    ("sha256", "signature_png", "reason"),
    [
        (SIGNATURE_SHA256, None, "missing"),
        (SIGNATURE_SHA256, _png((9, 9)), "not the one"),
        ("", SIGNATURE, "names none"),
        (hashlib.sha256(b"no picture").hexdigest(), b"no picture", "cannot be read"),
        (hashlib.sha256(SIGNATURE[:200]).hexdigest(), SIGNATURE[:200], "cannot be read"),
    ],
    ids=["missing", "another", "unexpected", "no-picture", "truncated"],
)
def test_certificate_refuses_a_wrong_signature(sha256: str, signature_png: bytes | None, reason: str) -> None:
    with pytest.raises(SignatureError, match=reason):
        render_certificate(certificate_facts(signature_sha256=sha256), signature_png=signature_png)


@needs_engine
def test_huge_signature_is_reduced_to_print_resolution() -> None:
    huge = _png((5000, 400))
    facts = certificate_facts(count=1, signature_sha256=hashlib.sha256(huge).hexdigest())
    pdf = render_certificate(facts, signature_png=huge)

    assert max(image.image.width for image in pdfs.reader(pdf).pages[0].images if image.image) == 720
