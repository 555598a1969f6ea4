"""What reads articles and questions for search: one encoder, or two as one."""

from __future__ import annotations

from app.settings import Settings
from knowledge.paired import PairedEmbedder
from knowledge.ports import Embedder
from nlu.encoders import Encoder, get_encoder
from nlu.encoders.cache import CachedEncoder


def search_encoder(settings: Settings, *, remembering: bool = False) -> Embedder:
    """The encoder that `BATON_ENCODER_SEARCH` names; two names with a plus between them are mixed.

    `remembering`: vectors are kept on disk, which pays where the same articles are read again and again, and not for customers' questions.
    Raises EncoderError when there is no encoder of such a name.
    """
    first, *more = [_open(name.strip(), settings, remembering) for name in settings.encoder_search.split("+")]
    found: Embedder = first
    for second in more:
        found = PairedEmbedder(found, second)
    return found


def _open(name: str, settings: Settings, remembering: bool) -> Encoder:
    encoder = get_encoder(name, settings.encoder_dir)
    return CachedEncoder(encoder, settings.encoder_dir / "embeddings.sqlite") if remembering else encoder
