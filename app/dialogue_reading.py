"""Which encoders read dialogues and their articles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from app.search_encoder import open_search_encoder
from app.settings import Settings
from assist.evaluate import Reading
from nlu.language import identify

_NEARLY_ALL = 0.9
ENGLISH, OTHERS = "minilm-l6-v2", "use-multilingual"


def reading_of(language: str, settings: Settings) -> tuple[Reading, Reading]:
    """For knowledge, and for replies. English is read by MiniLM; of other languages articles by what reads for search, which finds more.

    Of the questions in `benchmarks/suggestion_turns.txt` and `held_out_conversations.jsonl` that an article answers, that has an MRR of
    0.73 to 0.74 untrained, USE alone of 0.58 to 0.66; replies of other languages are foreseen by USE, which is quicker.
    """
    names = (ENGLISH, ENGLISH) if language == "en" else (settings.encoder_search, OTHERS)
    return _reading(names[0], settings), _reading(names[1], settings)


def encoders_for(texts: Sequence[str]) -> str:
    """The language by which encoders are chosen: English where nearly all is, else the one that is spoken most beside it."""
    spoken = Counter(identify(text).language for text in texts)
    others = [language for language, _ in spoken.most_common() if language != "en"]
    return others[0] if others and spoken["en"] < _NEARLY_ALL * len(texts) else "en"


def _reading(name: str, settings: Settings) -> Reading:
    folder = settings.encoder_dir
    return Reading(open_search_encoder(name, folder, remembering=True), open_search_encoder(name, folder))
