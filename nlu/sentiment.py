"""Sentiment on five levels, with anger and urgency. First cut: a head on embeddings and n-grams plus a few plain signs.

The head has six classes: the levels -2 to 2 and "angry". Anger calls a human, so it needs a high probability or an unmistakable sign.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.intents import Features, softmax
from nlu.text import for_encoding
from nlu.types import Sentiment

Floats = NDArray[np.float32]
CLASSES = ("angry", "very_negative", "negative", "neutral", "positive", "very_positive")
LEVELS = (-2, -2, -1, 0, 1, 2)

_THREATS = re.compile(
    r"\b(?:my lawyer|legal action|take you to court|sue you|small claims|report you to"
    r"|never (?:buy|order|shop)\w* (?:from|with|at) (?:you|here) again|processo judicial|ação judicial"
    r"|advogad[oa]|processar[- ]vos|tribunal|nunca mais (?:compro|encomendo|volto))"
    r"|律師|律师|法庭|法院|起訴|起诉|告你|消委會|消委会|消費者委員會|消费者委员会|12315"
    r"|永遠唔會再|永远不会再|以後唔會再|再也不會|再也不会|再也唔",
    re.IGNORECASE,
)
_INSULTS = re.compile(
    r"\b(?:idiots?|morons?|stupid (?:bot|company|people|shop|service)|scammers?|thieves|crooks|wtf|bullshit|f+u+c+k\w*"
    r"|piece of (?:crap|shit|junk)|you(?: people)? are (?:all )?(?:a joke|useless|pathetic|liars)|shame on you"
    r"|caralho|merda|porra|ladrões|vigaristas|burlões|palhaçada|idiotas?|vergonha na cara|cambada)\b"
    r"|垃圾(?:公司|店|服務|服务|機器人|机器人|客服)|騙子|骗子|呃錢|呃钱|黑店|仆街|撲街|屌|他媽的|他妈的|去死|廢物|废物|白痴"
    r"|不要臉|不要脸|無恥|无耻|癡線|痴線",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(
    r"\bi(?:'m| am) (?:so |very |really |beyond |absolutely )?(?:angry|furious|livid|outraged)\b"
    r"|\bestou (?:muito |mesmo |completamente )?(?:furios|zangad|indignad|revoltad)[oa]\b"
    r"|(?:我|客人)(?:真係|真的|而家|現在|现在)?(?:好|很|非常|十分|超)(?:嬲|生氣|生气|憤怒|愤怒|火大)",
    re.IGNORECASE,
)
_URGENT = re.compile(
    r"\b(?:urgent(?:ly|e|emente)?|asap|emergency|emergência|right now|immediately|imediatamente|agora mesmo|o mais r[aá]pido"
    r"|quanto antes|need (?:it|this|them) (?:by )?(?:today|tonight|tomorrow)|preciso (?:disto |dele |dela )?(?:hoje|amanhã)"
    r"|(?:flight|wedding|voo|casamento) (?:is )?(?:today|tomorrow|amanhã|hoje))\b"
    r"|急用|緊急|紧急|好急|很急|十萬火急|盡快|尽快|儘快|即刻|馬上|马上|立刻|立即|趕住|赶着|趕時間|赶时间",
    re.IGNORECASE,
)
_ASKING_ABOUT_LAW = re.compile(r"\b(?:which|what|qual|any) (?:court|tribunal)\b", re.IGNORECASE)
SHOUTED_LETTERS, SHOUTED_SHARE = 12, 0.8


@dataclass(frozen=True)
class SentimentModel:
    """A linear head on the vectors of `encoder` and the lexical row; angry when its probability is at least `angry_from`."""

    encoder: str
    dense: Floats
    sparse: Floats
    bias: Floats
    temperature: float
    angry_from: float

    def probabilities(self, features: Features) -> Floats:
        """Shape (6,), in the order of CLASSES."""
        logits: Any = features.vectors[self.encoder] @ self.dense + self.bias
        if len(features.lexical.indices):
            logits = logits + features.lexical.values @ self.sparse[features.lexical.indices]
        return softmax(np.asarray(logits / self.temperature, dtype=np.float32))


def judge(text: str, features: Features, model: SentimentModel | None) -> Sentiment:
    """The sentiment of one text; without a model only the plain signs speak."""
    text = for_encoding(text)
    urgent = bool(_URGENT.search(text))
    if not any(c.isalpha() for c in text):
        return Sentiment(urgent=urgent)
    probabilities = model.probabilities(features) if model else np.array([0, 0, 0, 1, 0, 0], dtype=np.float32)
    angry = _is_angry(text, probabilities, model)
    if angry:
        return Sentiment(-2, round(max(float(probabilities[:2].sum()), 0.8), 4), angry=True, urgent=urgent)
    levels = {level: float(probabilities[[i for i, v in enumerate(LEVELS) if v == level]].sum()) for level in sorted(set(LEVELS))}
    level = max(levels, key=lambda k: levels[k])
    return Sentiment(level, round(levels[level], 4) if model else 0.0, angry=False, urgent=urgent)


def _is_angry(text: str, probabilities: Floats, model: SentimentModel | None) -> bool:
    negative = float(probabilities[:3].sum())
    if _INSULTS.search(text) or _SAYS_SO.search(text):
        return True
    if _THREATS.search(text) and not _ASKING_ABOUT_LAW.search(text):
        return model is None or negative >= 0.4
    if _shouts(text) and negative >= 0.5:
        return True
    return model is not None and float(probabilities[0]) >= model.angry_from


def _shouts(text: str) -> bool:
    letters = [c for c in text if c.isupper() or c.islower()]
    capitals = sum(c.isupper() for c in letters)
    return (
        len(letters) >= SHOUTED_LETTERS
        and capitals >= SHOUTED_SHARE * len(letters)
        and ("!" in text or len(letters) >= 2 * SHOUTED_LETTERS)
    )
