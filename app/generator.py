"""Puts the generator together, if one is set: the endpoint, the budget and the policy in the database, and what masks personal data."""

from __future__ import annotations

from app.learning import JUDGE, redactor_of, training_sentences
from app.settings import Settings
from kit.db import Database
from kit.log import get_logger
from knowledge.generator.budget import DayBudget
from knowledge.generator.chat_completions import ChatCompletions
from knowledge.generator.policy import StoredPolicy
from knowledge.generator.writing import Parts, Writer
from nlu.encoders import get_encoder

log = get_logger("generator")


def build_writer(settings: Settings, database: Database) -> Writer | None:
    """What words answers; None without BATON_GENERATOR_URL."""
    found = settings.generator
    if found is None:
        return None
    redactor = redactor_of(settings, training_sentences(settings))

    def mask(text: str, language: str) -> str:
        return redactor().redact(text, language=language)

    judge = get_encoder(JUDGE, settings.encoder_dir)
    log.info("a generator words answers", model=found.model)
    return Writer(
        Parts(ChatCompletions(found), DayBudget(database, found), StoredPolicy(database), mask, max_tokens=found.max_tokens, judge=judge)
    )
