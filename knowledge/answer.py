"""Answering a question with words of an article, or not at all."""

from __future__ import annotations

import re

from knowledge.chinese import has_han
from knowledge.dense import embed_question
from knowledge.passages import width
from knowledge.ports import Vectors
from knowledge.search import SearchIndex
from knowledge.sentence_vectors import sentence_vectors_of
from knowledge.sentences import split_sentences
from knowledge.types import Answer, Citation, Filters, Hit

SHORT = 480  # columns (a Chinese character is two): a passage up to this is quoted whole
TOPICS = 3
_LOOK = "(?:看|[參参][看閱阅見见]|見|见)"
_POINTER = re.compile(  # "See refund times.", "The steps are under how to return."
    r"(?:(?:for [^.;,]{1,40},? )?(?:please )?see (?!if |whether |that )[^.;]{1,90}"
    r"|[^.;,]{1,40} (?:is|are) (?:described |listed |explained )?under [^.;]{1,60}"
    r"|(?:para [^.;,]{1,40}, )?(?:por favor, )?(?:veja|consulte) [^.;]{1,90}"
    rf"|(?:(?:如|若)[^。；]{{1,40}}，)?[^。；，]{{0,10}}(?:請|请|詳|详){_LOOK}[^。；，]{{1,40}})[.。]",
    re.IGNORECASE,
)
_TAIL = re.compile(  # "...; see exchanges."
    r"\s*(?:[;,] (?:please )?see (?!if |whether |that )[^.;,]{1,60}|; (?:veja|consulte) [^.;,]{1,60}"
    rf"|；(?:請|请|詳|详){_LOOK}[^。；，]{{1,30}}|，(?:詳|详)(?:見|见)[^。；，]{{1,30}})(?P<stop>[.。])$",
    re.IGNORECASE,
)


def article_url(language: str, article_id: str) -> str:
    """Where the help centre shows an article."""
    return f"/help/{language}/{article_id}"


def answer(index: SearchIndex, question: str, *, language: str, audience: str = "public", vector: Vectors | None = None) -> Answer:
    """The best passage's own words with their citation, or nothing (`text` None) when the confidence is below the calibrated threshold.

    A short passage, a list or a table is quoted whole, of a longer one the sentences nearest to the question, in their order. The hits
    are the passages of up to three articles in either case. zh-Hans is served from zh-Hant where need be. `vector`: the encoded question.
    """
    if not question.strip() or not index.entries:
        return Answer(None, language, 0.0)
    vector = embed_question(question, index.embedder) if vector is None else vector
    hits = tuple(index.search(question, language=language, limit=TOPICS, filters=Filters(audience=audience), vector=vector))
    if not hits:
        return Answer(None, language, 0.0)
    confidence = hits[0].confidence
    if confidence < index.threshold(language):
        return Answer(None, language, confidence, (), hits)
    text = quote(index, hits[0], vector)
    return Answer(text, hits[0].passage.language, confidence, (cite(hits[0]),), hits)


def cite(hit: Hit) -> Citation:
    """The citation of a hit, with the address of its article."""
    passage = hit.passage
    url = article_url(passage.language, passage.article_id)
    return Citation(passage.article_id, passage.title_path[0], url, passage.id, hit.confidence)


def quote(index: SearchIndex, hit: Hit, vector: Vectors) -> str:
    """What of the passage stands alone: without sentences that only point to other articles, as the links in them are not shown.

    A short passage, a list or a table is quoted whole; of a longer one the sentences nearest to the question, in their order. A passage
    that only points elsewhere gives way to the opening of its article.
    """
    text = standing(hit.passage.text) or standing(_opening(index, hit)) or hit.passage.text
    if width(text) <= SHORT or "\n- " in text or "\n1. " in text or text.startswith(("- ", "1. ")):
        return text
    sentences = split_sentences(text)
    if len(sentences) < 3:
        return text
    heading = hit.passage.title_path[-1]
    cosines = sentence_vectors_of(index.embedder).of(heading, sentences) @ vector
    kept: set[int] = set()
    used = 0
    for place in sorted(range(len(sentences)), key=lambda i: -float(cosines[i])):
        used += width(sentences[place])
        if kept and used > SHORT:
            break
        kept.add(place)
    return ("" if has_han(text) else " ").join(sentences[place] for place in sorted(kept))


def standing(text: str) -> str:
    """The text without sentences, and without ends of sentences, that only point to another page; empty when nothing else is there."""
    lines = (_standing_line(line) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


def _standing_line(line: str) -> str:
    sentences = split_sentences(line)
    kept = [_TAIL.sub(lambda end: end["stop"], sentence) for sentence in sentences if not _POINTER.fullmatch(sentence)]
    if kept == sentences:
        return line
    return ("" if has_han(line) else " ").join(kept)


def _opening(index: SearchIndex, hit: Hit) -> str:
    passage = hit.passage
    source = "zh-Hant" if passage.language == "zh-Hans" else passage.language
    places = index.variant(passage.article_id, passage.language) or index.variant(passage.article_id, source)
    return index.shown(places[0], passage.language).text if places else ""
