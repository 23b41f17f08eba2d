"""Keys to sign documents with, made for a test and trusted by it alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12

from core.pdf.signing_key import SigningKey

PASSWORD = "correct horse"
KINDS = {
    "rsa": lambda: rsa.generate_private_key(65537, 2048),
    "curve": lambda: ec.generate_private_key(ec.SECP256R1()),
    "edwards": ed25519.Ed25519PrivateKey.generate,
}


def signing_key(folder: Path, kind: str = "rsa") -> tuple[SigningKey, x509.Certificate]:
    """A key of this kind in a PKCS#12 file, and its certificate, signed by itself."""
    private: Any = KINDS[kind]()
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Test portal")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                content_commitment=True,
                key_encipherment=False,
                data_encipherment=False,
                key_agreement=False,
                key_cert_sign=False,
                crl_sign=False,
                encipher_only=False,
                decipher_only=False,
            ),
            critical=True,
        )
        .sign(private, None if kind == "edwards" else SHA256())
    )
    path = folder / f"{kind}.p12"
    path.write_bytes(
        pkcs12.serialize_key_and_certificates(
            b"portal", private, certificate, None, BestAvailableEncryption(PASSWORD.encode())
        )
    )
    return SigningKey(path, PASSWORD), certificate


def validated(pdf: bytes, certificate: x509.Certificate) -> list[Any]:
    """What pyHanko says about each signature of a document, trusting this certificate and no other."""
    from asn1crypto.x509 import Certificate
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.validation import validate_pdf_signature
    from pyhanko_certvalidator import ValidationContext

    trusted = Certificate.load(certificate.public_bytes(Encoding.DER))
    return [
        validate_pdf_signature(signature, ValidationContext(trust_roots=[trusted]))
        for signature in PdfFileReader(BytesIO(pdf)).embedded_signatures
    ]
