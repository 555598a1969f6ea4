"""What reads articles and questions for search: one encoder, or two as one."""

from __future__ import annotations

from pathlib import Path

from app.settings import Settings
from kit.log import get_logger
from knowledge.paired import PairedEmbedder
from knowledge.ports import Embedder, Reranker
from nlu.encoders import Encoder, get_encoder
from nlu.encoders.cache import CachedEncoder
from nlu.encoders.cross_encoder import get_cross_encoder
from nlu.errors import EncoderError

log = get_logger("search")

LONG_LIST = 500
"""From how many texts encoded at once on they are something that every start reads anew."""


def search_encoder(settings: Settings, *, remembering: bool = False) -> Embedder:
    """The encoder that `BATON_ENCODER_SEARCH` names. As `open_search_encoder`."""
    return open_search_encoder(settings.encoder_search, settings.encoder_dir, remembering=remembering)


def open_search_encoder(name: str, folder: Path, *, remembering: bool = False) -> Embedder:
    """The encoder of that name, exported to `folder`; two names with a plus between them are mixed.

    `remembering`: all vectors are kept on disk, which pays where the same articles are read again and again, and not for customers'
    questions; without it only those of long lists are, such as the questions that come with the product.
    Raises EncoderError when there is no encoder of such a name.
    """
    first, *more = [_open(part.strip(), folder, remembering) for part in name.split("+")]
    found: Embedder = first
    for second in more:
        found = PairedEmbedder(found, second)
    return found


def _open(name: str, folder: Path, remembering: bool) -> Encoder:
    encoder = get_encoder(name, folder)
    return CachedEncoder(encoder, folder / "embeddings.sqlite", least=1 if remembering else LONG_LIST)


def open_reranker(settings: Settings) -> Reranker | None:
    """The cross-encoder that `BATON_RERANKER` names, not loaded yet; None without one, and where its name cannot be read (it is logged)."""
    if not settings.reranker:
        return None
    try:
        return get_cross_encoder(settings.reranker, settings.encoder_dir)
    except EncoderError as error:
        log.error("there is no such reranker; search goes on without it", error=error.message, hint=error.hint)
        return None
