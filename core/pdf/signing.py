"""Signs a finished document (PAdES baseline B: ETSI EN 319 142-1), invisibly, so that any change to it shows.

Imports pyHanko, so this module is itself imported only where something is signed.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO

from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers

from .signing_key import SigningKey, SigningKeyError

_FIELD = "PortalSignature"
# Room for the attributes of a signature and for the signature itself, in bytes, beside its certificates.
_ATTRIBUTES = 4096


def signed(pdf: bytes, *, key: SigningKey, reason: str) -> bytes:
    """The document with an invisible signature as its last change; still PDF/A-3a and PDF/UA-1.

    Two signatures of one document differ: each has its time in it. Raises SigningKeyError as `SigningKey.load` does.
    """
    signer, reserved = _signer(key)
    output = BytesIO()
    signers.PdfSigner(
        signers.PdfSignatureMetadata(
            field_name=_FIELD,
            md_algorithm="sha256",
            subfilter=fields.SigSeedSubFilter.PADES,
            reason=reason,
        ),
        signer=signer,
        new_field_spec=fields.SigFieldSpec(
            sig_field_name=_FIELD,
            readable_field_name=reason,
            # Off the page rather than hidden: PDF/A forbids hidden annotations, PDF/UA wants those on a page tagged.
            invis_sig_settings=fields.InvisSigSettings(
                set_hidden_flag=False, set_print_flag=True, box_out_of_bounds=True
            ),
        ),
    ).sign_pdf(IncrementalPdfFileWriter(BytesIO(pdf)), output=output, bytes_reserved=reserved)
    return output.getvalue()


class _Signer(signers.SimpleSigner):
    """Signs with a key that is loaded once: pyHanko reads and proves it at each signature, for a tenth of a second."""

    def __init__(self, loaded: signers.SimpleSigner, key: RSAPrivateKey | EllipticCurvePrivateKey) -> None:
        super().__init__(loaded.signing_cert, loaded.signing_key, loaded.cert_registry)
        self._key = key

    def sign_raw(self, data: bytes, digest_algorithm: str) -> bytes:
        assert digest_algorithm == "sha256"
        if isinstance(self._key, RSAPrivateKey):
            return self._key.sign(data, PKCS1v15(), SHA256())
        return self._key.sign(data, ECDSA(SHA256()))


@lru_cache(maxsize=1)
def _signer(key: SigningKey) -> tuple[_Signer, int]:
    """The signer, and the room its signatures need, counted in hexadecimal digits as a PDF writes them."""
    private = key.load()
    loaded = signers.SimpleSigner.load_pkcs12(  # type: ignore[no-untyped-call]  # pyHanko types part of itself
        str(key.path), passphrase=key.password.encode() or None
    )
    if loaded is None:
        raise SigningKeyError(f"The signing key {key.path} cannot be used to sign.")
    room = sum(len(each.dump()) for each in loaded.cert_registry) + _ATTRIBUTES
    return _Signer(loaded, private), 2 * room
