"""What of a draft the cited passages say. Only that, in the generator's words or in the passage's, reaches a customer.

A sentence stands when one sentence of a cited passage has its words (one in ten may be new, beside a few that say nothing; those of the
heading may be added, but none may take the place of another; those of the question are no proof), all of its numbers counting the same
things, as many negations, the words that decide, no limit that it leaves out, and nearly its meaning. Never two sentences together: what is
true of one thing in the first is not of the other in the second. One that does not stand gives way to the passage's own when it was clearly
about that, else it is dropped.
"""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge.chinese import has_han, one_script, to_simplified
from knowledge.generator.facts import counted_alike, counted_terms, deciding, limits, negations, numbers, plain
from knowledge.generator.prompt import NO_ANSWER, leaks
from knowledge.generator.smuggled import gives_orders
from knowledge.ports import Draft, Embedder, Source, Wanted
from knowledge.sentences import split_sentences
from knowledge.terms import family, terms

NEW_WORDS = 0.1
MEANING = {"en": 0.55, "pt": 0.55, "zh": 0.5}
ABOUT = 0.5  # of the words: then it was about that sentence
MOST_SENTENCES = 8
_CITED = re.compile(r"\[\s*(\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\s*\]|【\s*(\d{1,3})\s*】")
_AFTER_STOP = re.compile(r"([.!?。！？]+)\s*((?:\[[\d\s,;]+\]|【\s*\d+\s*】)+)")
_OUTWARD = re.compile(
    r"[a-z]+://[^\s㐀-鿿]*|[a-z0-9@+_-]+(?:\.[a-z0-9@_-]+)*\.[a-z]{2,}[^\s㐀-鿿]*|\]\(|!\[|</?[a-z!][^>]*>?|```|javascript:|data:|[a-z0-9+/=_-]{40,}",
    re.IGNORECASE | re.ASCII,
)
_GLUE = {
    "en": """yes please can may get pay paid take receive have give usually normally also about will be able want need it them
        customer us our your once go goes when here is use make made let know within and following follow""",
    "pt": """sim por favor pode podem pago pagos paga pagam recebe receber tem ter normalmente também cerca vai será quer precisa
        cliente nós nosso nossa quando aqui usar fazer dentro de prazo é são""",
    "zh": "的了是在会能可以和与及或请您你我们的吗呢后前时即就将把被为于由从到以等个这那此其也都而如若需要",
}


class DraftRefusedError(Exception):
    """The draft as a whole cannot be used; the message says why."""


@dataclass(frozen=True)
class Judged:
    """One sentence of a draft: what is said in its place (empty: nothing), from which sources, and why it did not stand."""

    sentence: str
    said: str
    sources: tuple[int, ...]
    why: str = ""


@dataclass(frozen=True)
class Checked:
    """A draft after the check. `text` is empty when nothing is left."""

    text: str
    sources: tuple[int, ...]
    judged: tuple[Judged, ...]

    @property
    def kept(self) -> int:
        """How many sentences stood as the generator wrote them."""
        return sum(1 for one in self.judged if one.said and not one.why)


@dataclass(frozen=True)
class _Window:
    """One sentence of a passage."""

    text: str
    heading: str
    source: int


def check_draft(draft: Draft, wanted: Wanted, embedder: Embedder) -> Checked:
    """What may be said of a draft. Raises DraftRefusedError for one that is no answer, or that looks led astray."""
    _refuse_whole(draft, wanted)
    sentences = cited_sentences(draft.text)
    if not sentences or len(sentences) > MOST_SENTENCES:
        raise DraftRefusedError(f"it has {len(sentences)} sentences")
    known = {source.number: source for source in wanted.sources}
    if any(number not in known for _, cited in sentences for number in cited):
        raise DraftRefusedError("it cites what was not given")
    judged = [_judge(text, [known[number] for number in cited], wanted, embedder) for text, cited in sentences]
    return _joined(judged, wanted.language)


def cited_sentences(text: str) -> list[tuple[str, tuple[int, ...]]]:
    """The sentences of a draft without their citations, and what each cites."""
    moved = _AFTER_STOP.sub(r"\2\1 ", text)
    found = []
    for sentence in split_sentences(moved):
        cited = tuple(dict.fromkeys(int(n) for match in _CITED.finditer(sentence) for n in re.findall(r"\d+", match.group())))
        bare = re.sub(r"\s+([.,!?;:。！？，；])", r"\1", _CITED.sub("", sentence)).strip()
        if re.search(r"\w", bare):
            found.append((bare, cited))
    return found


def _refuse_whole(draft: Draft, wanted: Wanted) -> None:
    text = draft.text
    if NO_ANSWER in text.upper():
        raise DraftRefusedError("it says that the passages do not answer")
    if leaks(text, nonce=draft.nonce):
        raise DraftRefusedError("it repeats what the generator was told")
    if gives_orders(text):
        raise DraftRefusedError("it speaks to or of a model")
    if not _outward(text) <= _outward(" ".join(f"{source.title} {source.text}" for source in wanted.sources)):
        raise DraftRefusedError("it leads elsewhere or holds markup")
    if not _in_language(text, wanted):
        raise DraftRefusedError("it is in another language")


def _outward(text: str) -> set[str]:
    """Addresses, markup and long runs of letters, as what leads away from the talk."""
    return {found.strip("().,;:!?'\"").lower() for found in _OUTWARD.findall(unicodedata.normalize("NFKC", text))}


def _in_language(text: str, wanted: Wanted) -> bool:
    if has_han(text) != (family(wanted.language) == "zh"):
        return False
    if wanted.language == "zh-Hans":
        return to_simplified(text) == text
    if wanted.language == "zh-Hant":
        given = "".join(f"{source.title}{source.text}" for source in wanted.sources)
        return not any(has_han(c) and c not in given and c in to_simplified(given) for c in text)
    return True


def _judge(sentence: str, sources: Sequence[Source], wanted: Wanted, embedder: Embedder) -> Judged:
    """The verdict on one sentence."""
    if not sources:
        return Judged(sentence, "", (), "it cites nothing")
    said = set(terms(sentence, wanted.language))
    windows = sorted((w for source in sources for w in _windows(source)), key=lambda w: -_share(said, w, wanted.language))
    if not windows or not said:
        return Judged(sentence, "", (), "it says nothing")
    why = ""
    for window in windows[:4]:
        trouble = _trouble(sentence, window, wanted, embedder)
        if not trouble:
            return Judged(sentence, sentence, (window.source,))
        why = why or trouble
    nearest = windows[0]
    about = _share(said, nearest, wanted.language) >= ABOUT
    return Judged(sentence, nearest.text if about else "", (nearest.source,) if about else (), why)


def _windows(source: Source) -> list[_Window]:
    """Every sentence of the passage."""
    return [_Window(text, source.title, source.number) for text in split_sentences(source.text)]


def _share(said: set[str], window: _Window, language: str) -> float:
    """The part of the words that the window has; of two windows that have the same, the shorter one."""
    known = set(terms(window.text, language))
    return len(said & known) / max(1, len(said)) - 1e-6 * len(window.text)


def _trouble(sentence: str, window: _Window, wanted: Wanted, embedder: Embedder) -> str:
    """Why the window does not say this; empty when it does."""
    language = wanted.language
    if not numbers(sentence, language) <= numbers(window.text, language):
        return "a number is not there"
    if not counted_alike(sentence, window.text, language):
        return "a number counts something else"
    if negations(sentence, language) != negations(window.text, language):
        return "it negates otherwise"
    if not deciding(sentence, language) <= deciding(window.text, language):
        return "a word that decides is not there"
    if not limits(window.text, language) <= limits(sentence, language):
        return "a limit is left out"
    if _new_words(sentence, window, wanted):
        return "its words are not there"
    vectors = embedder.encode([one_script(sentence), one_script(window.text)])
    near = float(np.dot(vectors[0], vectors[1]))
    return "" if near >= MEANING[family(language)] else "it means something else"


def _new_words(sentence: str, window: _Window, wanted: Wanted) -> bool:
    """Whether more words are new than may be, or one took the place of another."""
    language = wanted.language
    if family(language) == "zh":
        return _new_characters(plain(sentence), plain(window.text), plain(window.heading))
    glue = set(terms(_GLUE[family(language)], language))
    mine = [term for term in counted_terms(sentence, language) if term not in glue and not term[0].isdigit()]
    known = [term for term in counted_terms(window.text, language) if term not in glue and not term[0].isdigit()]
    added = set(mine) - set(known)
    if added and set(known) - set(mine):
        return True
    strange = added - set(terms(window.heading, language))
    return len(strange) > NEW_WORDS * len(mine)


def _new_characters(sentence: str, window: str, heading: str) -> bool:
    """The same for Chinese, by characters: two new ones in a row are a new word."""
    glue = set(_GLUE["zh"])
    mine = [char for char in sentence if has_han(char)]
    added = {char for char in mine if char not in glue and char not in window}
    if added and any(has_han(char) and char not in glue and char not in sentence for char in window):
        return True
    new = [char in added and char not in heading for char in mine]
    in_a_row = any(one and other for one, other in itertools.pairwise(new))
    return in_a_row or sum(new) > NEW_WORDS * len(new)


def _joined(judged: Sequence[Judged], language: str) -> Checked:
    """What is said, each sentence once."""
    said: dict[str, None] = {}
    sources: dict[int, None] = {}
    for one in judged:
        if one.said and not any(one.said in other for other in said):
            said[one.said] = None
            sources |= dict.fromkeys(one.sources)
    joint = "" if family(language) == "zh" else " "
    return Checked(joint.join(said), tuple(sources), tuple(judged))
