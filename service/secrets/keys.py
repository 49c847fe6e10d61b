"""Names that tell nobody anything: patients, users and resources are found by a keyed hash of their reference."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, repr=False)
class Keys:
    """The keyed hashes (HMAC-SHA256, in hexadecimal) of one site, which alone knows the secret."""

    secret: bytes

    def patient(self, reference: str) -> str:
        """The name decisions about a patient are found by; "" for nobody."""
        return self._keyed(reference)

    def user(self, reference: str) -> str:
        """The name decisions shown to a user are found by; "" for nobody."""
        return self._keyed(f"user\n{reference}") if reference else ""

    def resource(self, reference: str) -> str:
        """The name decisions that used a resource are found by; half as long, for there are many."""
        return self._keyed(f"resource\n{reference}")[:32]

    def _keyed(self, said: str) -> str:
        return hmac.new(self.secret, said.encode(), hashlib.sha256).hexdigest() if said else ""
