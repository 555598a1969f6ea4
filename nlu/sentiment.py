"""Sentiment on five levels, with anger and urgency: linear heads on the encoders' vectors and on the polarity of words.

The heads have six classes: the levels -2 to 2 and "angry". Their parts were trained apart and are summed (a product of experts,
Hinton 2002), which carries over to other kinds of text better than one fit. Anger calls a human, so it needs a high probability or an
unmistakable sign.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.intents import Features, softmax
from nlu.language import convert_scripts
from nlu.sentiment_words import Words, merged, signals
from nlu.text import for_encoding, holds_han
from nlu.types import Sentiment

Floats = NDArray[np.float32]
CLASSES = ("angry", "very_negative", "negative", "neutral", "positive", "very_positive")
LEVELS = (-2, -2, -1, 0, 1, 2)
BELOW, AT, ABOVE = slice(0, 3), slice(3, 4), slice(4, 6)
OTHERS, EMOJI = "*", "emoji"
MIXED = {"zh": ("zh", "en", EMOJI), OTHERS: ("en", "pt", "zh", EMOJI)}
NEUTRAL_LEAN = 2.5
"""Neutral wins only when it has so many times the mass of the stronger side: missing a complaint costs more than seeing one."""
ANGRY_AT_LEAST = 0.8
OUTRAGE_FROM = 0.1
"""The probability of anger that a turn of speech of outrage needs; alone it is no proof ("can I get my money back?")."""
STRONG_FACE, FACE_SCORE = 3.0, 0.6
_UNKNOWN = np.array([0, 0, 0, 1, 0, 0], dtype=np.float32)

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
_OUTRAGE = re.compile(
    r"\b(?:how dare you|(?:have|has) you(?:r \w+)? no (?:shame|decency|heart)|you should be ashamed|ashamed of yourselves|disgrace"
    r"|(?:give|want) (?:me )?my money back|i demand|i(?:'ve| have) had (?:it|enough)|sick and tired|outrage(?:ous)?|heartless|frauds?"
    r"|como (?:se atrevem|é que se atrevem|ousam)|(?:não|nao) t[eê]m vergonha|tenham vergonha|deviam ter vergonha|falta de respeito"
    r"|estou (?:fart|revoltad)[oa]|t[oô] (?:revoltad|indignad)[oa]|exijo|inadmiss[ií]vel|inaceit[aá]vel|bandidos?|golpistas?|gatunos?"
    r"|enganadores|(?:quero|devolv\w+)(?: o)?(?: meu| nosso)? dinheiro|livro de reclamações|procon|gozar com|de palhaç[oa])\b"
    r"|(?:有冇|有没有|有沒有)(?:人性|良心)|[豈岂]有此理|欺人太甚|太[過过]分|耍我|(?:當|当)(?:我|客人|顾客|顧客)(?:傻|死|猴)|忍夠|忍够|受够了|受夠了"
    r"|[還还](?:我)?[錢钱]|退[錢钱]|呃(?:人|錢|钱|我|咗)|賊佬|贼佬|強盜|强盗|打劫|抢钱|搶錢|激死|氣死|气死|火都嚟埋",
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
class SentimentHead:
    """Logits of one group of languages: vectors of `encoders` side by side @ `dense`, plus the words' signals @ `signals`, plus `bias`."""

    encoders: tuple[str, ...]
    dense: Floats
    signals: Floats
    bias: Floats


class SentimentModel:
    """A head for each group of languages ("en", "pt", "zh"; "*" for all others), and the lists of words by name.

    `temperature` softens the sum of the heads' parts; a text is angry when that class has at least `angry_from`.
    """

    def __init__(self, heads: Mapping[str, SentimentHead], lists: Mapping[str, Words], temperature: float, angry_from: float) -> None:
        """`lists` are merged for each group: its own, those that are mixed in, and the emoji."""
        self.heads, self.lists, self.temperature, self.angry_from = dict(heads), dict(lists), temperature, angry_from
        self._words = {group: words_of_group(group, lists) for group in heads}

    def encoders_for(self, language: str) -> tuple[str, ...]:
        """Names of the encoders whose vectors `probabilities` needs."""
        return self.heads[self._group(language)].encoders

    def probabilities(self, text: str, features: Features, language: str) -> Floats:
        """Shape (6,), in the order of CLASSES."""
        group = self._group(language)
        head = self.heads[group]
        dense = np.concatenate([features.vectors[name] for name in head.encoders])
        logits = dense @ head.dense + signals(simplified(text), self._words[group]) @ head.signals + head.bias
        return softmax(np.asarray(logits / self.temperature, dtype=np.float32))

    def valence_of_faces(self, text: str) -> float:
        """The sum over the emoji and emoticons of a text, each -3 to 3."""
        return sum(self.lists[EMOJI].faces(text)) if EMOJI in self.lists else 0.0

    def _group(self, language: str) -> str:
        group = group_of(language)
        return group if group in self.heads else OTHERS


def simplified(text: str) -> str:
    """Chinese in the characters in which the lists and the training sentences are."""
    return convert_scripts(text, "t2s") if holds_han(text) else text


def group_of(language: str) -> str:
    """Both scripts of Chinese are one group."""
    return language.split("-")[0]


def words_of_group(group: str, lists: Mapping[str, Words]) -> Words:
    """The lists that a group of languages reads: Chinese mixes English in, and an unknown language might be any."""
    names = MIXED.get(group, (group, EMOJI))
    return merged([lists[name] for name in names if name in lists])


def judge(text: str, features: Features, model: SentimentModel | None, language: str = "en") -> Sentiment:
    """The sentiment of one text; without a model only the plain signs speak.

    The sign comes from the mass of probability below, at and above zero, the strength from the classes of that sign. `score` is the
    difference of the masses, -1 to 1.
    """
    text = for_encoding(text)
    urgent = bool(_URGENT.search(text))
    if not any(c.isalpha() for c in text):
        return _of_faces(model.valence_of_faces(text) if model else 0.0, urgent=urgent)
    probabilities = model.probabilities(text, features, language) if model else _UNKNOWN
    below, at, above = (float(probabilities[part].sum()) for part in (BELOW, AT, ABOVE))
    if _is_angry(text, probabilities, model):
        score = min(above - below, -ANGRY_AT_LEAST)
        return Sentiment(
            -2, round(max(float(probabilities[:2].sum()), ANGRY_AT_LEAST), 4), angry=True, urgent=urgent, score=round(score, 4)
        )
    level, confidence = _level(probabilities, (below, at, above))
    return Sentiment(level, round(confidence, 4) if model else 0.0, urgent=urgent, score=round(above - below, 4))


def _of_faces(valence: float, *, urgent: bool) -> Sentiment:
    """What emoji alone say; anger needs words."""
    if not valence:
        return Sentiment(urgent=urgent)
    size = 2 if abs(valence) >= STRONG_FACE else 1
    level, score = (size, FACE_SCORE) if valence > 0 else (-size, -FACE_SCORE)
    return Sentiment(level, FACE_SCORE, urgent=urgent, score=score)


def _level(probabilities: Floats, masses: tuple[float, float, float]) -> tuple[int, float]:
    below, at, above = masses
    if at >= NEUTRAL_LEAN * max(below, above):
        return 0, at
    if below >= above:
        strong = float(probabilities[:2].sum())
        return (-2, strong) if strong > below - strong else (-1, below - strong)
    strong = float(probabilities[-1])
    return (2, strong) if strong > above - strong else (1, above - strong)


def _is_angry(text: str, probabilities: Floats, model: SentimentModel | None) -> bool:
    negative = float(probabilities[:3].sum())
    if _INSULTS.search(text) or _SAYS_SO.search(text):
        return True
    if _THREATS.search(text) and not _ASKING_ABOUT_LAW.search(text):
        return model is None or negative >= 0.4
    if negative < 0.5 or model is None:
        return False
    angry = float(probabilities[0])
    return _shouts(text) or angry >= model.angry_from or (angry >= OUTRAGE_FROM and bool(_OUTRAGE.search(text)))


def _shouts(text: str) -> bool:
    letters = [c for c in text if c.isupper() or c.islower()]
    capitals = sum(c.isupper() for c in letters)
    return (
        len(letters) >= SHOUTED_LETTERS
        and capitals >= SHOUTED_SHARE * len(letters)
        and ("!" in text or len(letters) >= 2 * SHOUTED_LETTERS)
    )
