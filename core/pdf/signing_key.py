"""The key that documents are signed with: a PKCS#12 file, named by the portal's environment."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import pkcs12


class SigningKeyError(Exception):
    """The file cannot be used to sign; the message says why and names no secret."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """Where the key is and what opens it."""

    path: Path
    password: str = field(repr=False)

    def load(self) -> RSAPrivateKey | EllipticCurvePrivateKey:
        """The private key. Raises SigningKeyError unless the file holds one of RSA or an elliptic curve, certified."""
        try:
            content = self.path.read_bytes()
        except OSError as error:
            raise SigningKeyError(f"The signing key {self.path} cannot be read: {error.strerror}.") from error
        try:
            key, certificate, _others = pkcs12.load_key_and_certificates(
                content, self.password.encode() or None
            )
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise SigningKeyError(
                f"The signing key {self.path} is no PKCS#12 file, or its password is another one."
            ) from error
        if key is None or certificate is None:
            raise SigningKeyError(f"The signing key {self.path} holds no private key with its certificate.")
        if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
            raise SigningKeyError(f"The signing key {self.path} is neither of RSA nor of an elliptic curve.")
        return key
