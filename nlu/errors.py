"""What nlu raises."""

from __future__ import annotations

from kit.errors import BatonError


class ModelError(BatonError):
    """The language model on disk cannot be used."""

    status = 503


class EncoderError(ModelError):
    """A sentence encoder cannot be prepared."""
