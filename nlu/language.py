"""Which of the languages a text is in: by script for Chinese, by words and character n-grams for English against Portuguese."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from kit.written import plainly
from nlu.text import ENCODE_LIMIT, fold, for_encoding, holds_han, is_han, words_of

TRADITIONAL, SIMPLIFIED, ENGLISH, PORTUGUESE = "zh-Hant", "zh-Hans", "en", "pt"
LANGUAGES = (ENGLISH, TRADITIONAL, SIMPLIFIED, PORTUGUESE)

CANTONESE_WORDS = frozenset("嘅咗嚟喺冇佢啲嗰咁咩嘢哋喎啫㗎嘞攞唔嘥乜瞓諗揾搵畀冧噉嗌唞啱攰黐嚿嬲癲")
"""Characters that written Cantonese uses and written Mandarin does not."""
_CANTONESE_PHRASES = (
    "點樣",
    "点样",
    "點解",
    "点解",
    "邊度",
    "边度",
    "幾時",
    "幾多",
    "几多",
    "係咪",
    "系咪",
    "可唔可以",
    "有冇",
    "聽日",
    "听日",
    "尋日",
    "而家",
    "點做",
    "点做",
)

_ENGLISH_WORDS = frozenset(
    words_of(
        """the a an is are was were do does did can could would will i i'm im you it my your we they this that what where when why how
        who which and or but not yes please thanks thank hello hi hey of to in on for with from at by have has had want need get got
        order parcel there here if about me back any some just still been never help don't dont can't cant it's its i'd i've"""
    )
)
_PORTUGUESE_WORDS = frozenset(
    words_of(
        """o os as um uma é e são foi era está estão ser ter tem têm tenho quero queria posso pode podem eu você vocês tu ele ela nós
        meu minha meus minhas seu sua vosso vossa este esta isto esse essa isso que qual quais quando onde porque porquê como quem ou
        mas não nao sim por favor obrigado obrigada olá ola oi bom boa dia tarde noite de do da dos das em na nas nos para pra com sem
        ao à às até já ainda muito muita mais menos encomenda pedido preciso gostaria fazer faz há vai vou estou pelo pela também só
        me lá aqui aí"""
    )
)
_NEUTRAL = frozenset({"ok", "okay", "oki", "k", "lol", "no", "chat", "email", "e-mail"})
_BOTH = (_ENGLISH_WORDS & _PORTUGUESE_WORDS) | _NEUTRAL
_MARKS = re.compile(r"[ãõçáàâéêíóôúü]")
_CODES = re.compile(r"\S*[\d@]\S*|https?://\S+")
_LETTERS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")

BUCKETS = 8192
WORD_WEIGHT, MARK_WEIGHT, GRAM_WEIGHT = 2.0, 2.5, 0.6
SURE = 1.0


@dataclass(frozen=True)
class Identified:
    """The language; `sure` is False when the text did not say and a hint decided. `cantonese`: the wording is Cantonese."""

    language: str
    cantonese: bool = False
    sure: bool = True


@dataclass(frozen=True)
class LatinModel:
    """Log-odds of hashed character n-grams, shape (BUCKETS,): above zero speaks for Portuguese."""

    odds: NDArray[np.float32]


def train_latin(english: Iterable[str], portuguese: Iterable[str]) -> LatinModel:
    """Naive Bayes on words and character n-grams with add-half smoothing. All zero when one side has no sentence."""
    sides = [Counter(bucket for text in texts for bucket in _buckets(text)) for texts in (english, portuguese)]
    odds = np.zeros(BUCKETS, dtype=np.float32)
    if all(sides):
        totals = [sum(side.values()) + BUCKETS / 2 for side in sides]
        for bucket in range(BUCKETS):
            odds[bucket] = np.log((sides[1][bucket] + 0.5) / totals[1]) - np.log((sides[0][bucket] + 0.5) / totals[0])
    return LatinModel(odds)


def identify(text: str, *, previous: str | None = None, model: LatinModel | None = None, default: str = ENGLISH) -> Identified:
    """The language of `text`.

    Han characters make it Chinese, mixed with English or not. A Chinese text that both scripts write alike takes `previous`
    when that is Chinese, else Traditional. A text without evidence (a number, an emoji, "ok") takes `previous`, else `default`.
    """
    text = for_encoding(text)
    if holds_han(text):
        return _chinese(text, previous)
    score = _latin_score(text, model)
    if abs(score) < SURE:
        return Identified(previous or default, sure=False)
    return Identified(PORTUGUESE if score > 0 else ENGLISH)


def is_cantonese(text: str) -> bool:
    """Whether the wording is Cantonese."""
    return any(c in CANTONESE_WORDS for c in text) or any(phrase in text for phrase in _CANTONESE_PHRASES)


def _chinese(text: str, previous: str | None) -> Identified:
    simplified, traditional = _script_characters()
    balance = sum((c in traditional) - (c in simplified) for c in text)
    cantonese = is_cantonese(text)
    if balance:
        return Identified(TRADITIONAL if balance > 0 else SIMPLIFIED, cantonese)
    language = previous if previous in {TRADITIONAL, SIMPLIFIED} else TRADITIONAL
    return Identified(language, cantonese, sure=False)


@cache
def _script_characters() -> tuple[frozenset[str], frozenset[str]]:
    """(characters of Simplified only, of Traditional only): OpenCC's tables, without those that the other script's charset has as well."""
    han = [chr(code) for code in range(0x4E00, 0xA000) if is_han(chr(code))]
    to_simplified, to_traditional = convert_scripts("\n".join(han), "t2s"), convert_scripts("\n".join(han), "s2t")
    simplified = {c for c, t in zip(han, to_traditional.split("\n"), strict=True) if c != t and not _encodes(c, "big5")}
    traditional = {c for c, s in zip(han, to_simplified.split("\n"), strict=True) if c != s and not _encodes(c, "gb2312")}
    return frozenset(simplified), frozenset(traditional)


def base_language(language: str) -> str:
    """ "zh" for "zh-Hant"."""
    return language.split("-")[0]


def canonical(text: str) -> str:
    """What intents see: `for_encoding` without what is pasted, not in capitals, in Simplified Chinese, so that both scripts share it."""
    plain = plainly(for_encoding(text))
    return convert_scripts(plain, "t2s") if holds_han(plain) else plain


def convert_scripts(text: str, table: str) -> str:
    """`text` by an OpenCC table: "t2s" or "s2t"."""
    return str(_converter(table).convert(text))


@cache
def _converter(table: str) -> Any:
    import opencc

    return opencc.OpenCC(table)


def _encodes(char: str, charset: str) -> bool:
    try:
        char.encode(charset)
    except UnicodeEncodeError:
        return False
    return True


def _latin_score(text: str, model: LatinModel | None) -> float:
    """Above zero for Portuguese; codes, numbers, mail and web addresses say nothing."""
    plain = _CODES.sub(" ", text.casefold().replace("’", "'"))
    words = [word for word in _LETTERS.findall(plain) if word not in _NEUTRAL]
    score = sum(WORD_WEIGHT * ((w in _PORTUGUESE_WORDS) - (w in _ENGLISH_WORDS)) for w in words if w not in _BOTH)
    score += MARK_WEIGHT * len(_MARKS.findall(plain))
    if model is not None and words:
        buckets = _buckets(" ".join(words))
        score += GRAM_WEIGHT * float(model.odds[buckets].sum()) / max(1.0, len(buckets) / 12)
    return score


def _buckets(text: str) -> list[int]:
    grams: list[str] = []
    for word in _LETTERS.findall(_CODES.sub(" ", fold(text[:ENCODE_LIMIT]))):
        padded = f" {word} "
        grams.append(f"w{word}")
        grams += [padded[i : i + n] for n in (2, 3, 4) for i in range(len(padded) - n + 1)]
    return [crc32(g.encode("utf-8", "ignore")) % BUCKETS for g in grams]
