"""What the learned policy raises."""

from __future__ import annotations

from kit.errors import BatonError


class PolicyModelError(BatonError):
    """The learned policy's model cannot be made or used."""

    status = 503
