"""Documents are signed so that another program proves who signed them and that nothing was changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import NoEncryption, pkcs12

from core.pdf.signing_key import SigningKey, SigningKeyError
from tests.credits import pdfs
from tests.credits.certificates import certificate_facts, needs_engine, render
from tests.signing import PASSWORD, signing_key, validated


@needs_engine
@pytest.mark.parametrize("kind", ["rsa", "curve"])
def test_signature_is_valid_and_covers_the_whole_document(kind: str, tmp_path: Path) -> None:
    from core.pdf.signing import signed

    key, certificate = signing_key(tmp_path, kind)
    pdf = render(certificate_facts(count=1))
    document = signed(pdf, key=key, reason="Issued")
    (status,) = validated(document, certificate)

    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"
    assert document.startswith(pdf)
    assert pdfs.page_texts(document) == pdfs.page_texts(pdf)
    assert pdfs.reader(document).attachments == pdfs.reader(pdf).attachments


@needs_engine
def test_changed_document_is_seen(tmp_path: Path) -> None:
    from core.pdf.signing import signed

    key, certificate = signing_key(tmp_path)
    document = signed(render(certificate_facts(count=1)), key=key, reason="Issued")
    place = document.index(b"stream\n") + 40
    (status,) = validated(
        document[:place] + bytes([document[place] ^ 1]) + document[place + 1 :], certificate
    )

    assert not status.intact
    assert not status.bottom_line


@needs_engine
def test_signature_of_another_key_is_not_trusted(tmp_path: Path) -> None:
    from core.pdf.signing import signed

    key, _certificate = signing_key(tmp_path)
    (tmp_path / "other").mkdir()
    _other, stranger = signing_key(tmp_path / "other")
    (status,) = validated(signed(render(certificate_facts(count=1)), key=key, reason="Issued"), stranger)

    assert status.intact
    assert not status.trusted


def test_key_that_cannot_be_used_says_why(tmp_path: Path) -> None:
    key, _certificate = signing_key(tmp_path)
    (tmp_path / "text.p12").write_text("no key")
    bare = pkcs12.serialize_key_and_certificates(
        b"x", rsa.generate_private_key(65537, 2048), None, None, NoEncryption()
    )
    (tmp_path / "bare.p12").write_bytes(bare)
    edwards, _other = signing_key(tmp_path, "edwards")

    for unusable, reason in (
        (SigningKey(tmp_path / "none.p12", ""), "cannot be read"),
        (SigningKey(tmp_path / "text.p12", ""), "is no PKCS#12 file"),
        (SigningKey(key.path, "wrong"), "its password is another one"),
        (SigningKey(tmp_path / "bare.p12", ""), "no private key with its certificate"),
        (edwards, "neither of RSA nor of an elliptic curve"),
    ):
        with pytest.raises(SigningKeyError, match=reason) as raised:
            unusable.load()
        assert PASSWORD not in str(raised.value)
    assert PASSWORD not in repr(key)


def start(**environment: str) -> subprocess.CompletedProcess[str]:
    """A portal that starts with this environment and says whether it has a key, and whether it loaded pyHanko."""
    code = (
        "import sys, django; django.setup(); from django.conf import settings; import credits.services;"
        "print(settings.CERTIFICATE_SIGNING_KEY is not None, 'pyhanko' in sys.modules)"
    )
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def test_portal_without_a_key_starts_and_loads_nothing() -> None:
    assert start().stdout.strip() == "False False"


def test_key_is_named_by_the_environment(tmp_path: Path) -> None:
    key, _certificate = signing_key(tmp_path)
    (tmp_path / "password").write_text(PASSWORD + "\n")
    process = start(
        CERTIFICATE_SIGNING_KEY_FILE=str(key.path),
        CERTIFICATE_SIGNING_KEY_PASSWORD_FILE=str(tmp_path / "password"),
    )

    assert process.stdout.strip() == "True False"


def test_unusable_key_stops_the_start(tmp_path: Path) -> None:
    key, _certificate = signing_key(tmp_path)
    process = start(
        CERTIFICATE_SIGNING_KEY_FILE=str(key.path), CERTIFICATE_SIGNING_KEY_PASSWORD="battery staple"
    )

    assert process.returncode != 0
    assert "CERTIFICATE_SIGNING_KEY_FILE: The signing key" in process.stderr
    assert "battery staple" not in process.stderr
