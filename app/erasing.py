"""Erasing and giving out a customer's data, with the steps of every part of the house."""

from __future__ import annotations

from app.models import article_blobs
from app.settings import Settings
from app.wiring import LEARN_REPLIES, Base
from assist.erasing import LearnedForgetting
from channels.erasing import erase_from_channels
from context.erasing.erasing import Erasing
from context.erasing.exporting import Exporting
from context.ledger import Ledger
from insights.erasing import erase_from_insights
from kit.blobs import BlobStore


def build_erasing(settings: Settings, base: Base) -> Erasing:
    """What erases customers."""
    return erasing_with(base.ledger, article_blobs(settings, base.database.dsn))


def erasing_with(ledger: Ledger, blobs: BlobStore) -> Erasing:
    """The same with a given store of files."""
    learned = LearnedForgetting(ledger.enqueuer, LEARN_REPLIES)
    return Erasing(ledger, blobs, steps=(erase_from_channels, learned.erase, erase_from_insights))


def build_exporting(settings: Settings, base: Base) -> Exporting:
    """What gives customers' data out."""
    return Exporting(article_blobs(settings, base.database.dsn), base.ledger.clock)
