"""Which encoders a training uses, as the settings say."""

from __future__ import annotations

from app.settings import Settings
from nlu.train import Plan


def training_plan(settings: Settings, *, fine_tune: bool = False) -> Plan:
    """The plan of a training: one encoder for all languages and, where one is named, another for English beside it.

    The one for English is what `fine_tune` tunes; without it, the other one.
    """
    english = tuple(dict.fromkeys(name for name in (settings.encoder_english, settings.encoder) if name))
    return Plan(english=english, others=(settings.encoder,), fine_tune=fine_tune, base=english[0])
