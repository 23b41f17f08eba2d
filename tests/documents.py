"""Small files of every kind that a session takes, and what people pass off as one."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\ntrailer<<>>\nstartxref\n9\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + b"\x00" * 17 + b"\x00\x00\x00\x00IEND\xaeB`\x82"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + b"\x00" * 30 + b"\xff\xd9"
EXE = b"MZ\x90\x00\x03" + b"\x00" * 200 + b"This program cannot be run in DOS mode."
HTML = b"<!doctype html><script>alert(document.cookie)</script>"
SVG = b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


def archive(parts: Mapping[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP archive of these parts, in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as target:
        for name, content in parts.items():
            target.writestr(name, content)
    return buffer.getvalue()


def open_xml(kind: str, **parts: bytes) -> bytes:
    """A Word, PowerPoint or Excel document: "wordprocessingml.document" and so on."""
    listing = (
        '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Override PartName="/main.xml" ContentType="application/vnd.openxmlformats-officedocument.'
        f'{kind}.main+xml"/></Types>'
    )
    return archive({"[Content_Types].xml": listing.encode(), "main.xml": b"<x/>", **parts})


def open_document(kind: str, **parts: bytes) -> bytes:
    """An OpenDocument file: "text", "presentation" or "spreadsheet"."""
    mimetype = f"application/vnd.oasis.opendocument.{kind}".encode()
    return archive({"mimetype": mimetype, "content.xml": b"<x/>", **parts}, method=zipfile.ZIP_STORED)


DOCX = open_xml("wordprocessingml.document")
PPTX = open_xml("presentationml.presentation")
XLSX = open_xml("spreadsheetml.sheet")
ODT, ODP, ODS = open_document("text"), open_document("presentation"), open_document("spreadsheet")
