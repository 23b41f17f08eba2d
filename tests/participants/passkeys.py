"""A passkey in software: makes keys and signs challenges as a telephone does, for tests without a browser."""

from __future__ import annotations

import json
from base64 import urlsafe_b64encode
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

Flag = AuthenticatorData.FLAG


def encoded(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


class Passkey:
    """`is_verified` is whether the device asks for a finger, a face or a PIN."""

    def __init__(self, identity: bytes = b"my-phone", *, is_verified: bool = True) -> None:
        self.identity = identity
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.flags = Flag.UP | (Flag.UV if is_verified else Flag(0))
        self.owner = ""

    def create(self, options: dict[str, Any]) -> str:
        """What a browser answers to `navigator.credentials.create`."""
        public = options["publicKey"]
        self.owner = public["user"]["id"]
        made = AttestedCredentialData.create(
            Aaguid.NONE, self.identity, ES256.from_cryptography_key(self.key.public_key())
        )
        data = AuthenticatorData.create(
            sha256(public["rp"]["id"].encode()).digest(), self.flags | Flag.AT, 0, made
        )
        return self._answer(
            {
                "clientDataJSON": encoded(self._client_data("webauthn.create", public["challenge"])),
                "attestationObject": encoded(AttestationObject.create("none", data, {})),
            },
            {"credProps": {"rk": True}},
        )

    def get(self, options: dict[str, Any]) -> str:
        """What a browser answers to `navigator.credentials.get`."""
        public = options["publicKey"]
        data = AuthenticatorData.create(sha256(public["rpId"].encode()).digest(), self.flags, 1)
        client = self._client_data("webauthn.get", public["challenge"])
        signature = self.key.sign(data + sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": encoded(client),
                "authenticatorData": encoded(data),
                "signature": encoded(signature),
                "userHandle": self.owner,
            },
            {},
        )

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": "http://testserver"}).encode()

    def _answer(self, response: dict[str, str], extensions: dict[str, Any]) -> str:
        identity = encoded(self.identity)
        return json.dumps(
            {
                "id": identity,
                "rawId": identity,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": extensions,
            }
        )
