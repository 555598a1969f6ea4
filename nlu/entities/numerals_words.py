"""Numbers in English and Portuguese words: "twenty-five", "two hundred and six", "a dozen", "mil e duzentos", "meia dúzia"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from nlu.text import words_of

_EN = words_of(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_PT = words_of("zero um dois tres quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis dezassete dezoito dezanove")
_TENS = (
    words_of("twenty thirty forty fifty sixty seventy eighty ninety"),
    words_of("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa"),
)
_HUNDREDS = words_of("cem duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos")
_SIMPLE = {w: n for words in (_PT, _EN) for n, w in enumerate(words)} | {w: 10 * n + 20 for words in _TENS for n, w in enumerate(words)}
_SIMPLE |= {w: 100 * n for n, w in enumerate(_HUNDREDS, 1)} | {w.replace("os", "as"): 100 * n for n, w in enumerate(_HUNDREDS[1:], 2)}
_SIMPLE |= {"duas": 2, "quatorze": 14, "dezesseis": 16, "dezessete": 17, "dezenove": 19, "cento": 100, "uma": 1}
_SCALES = {"hundred": 100, "thousand": 1000, "mil": 1000, "million": 10**6, "milhao": 10**6, "milhoes": 10**6}
_SCALES |= {"dozen": 12, "dozens": 12, "duzia": 12, "duzias": 12}
_FIXED = {"half a dozen": 6, "meia duzia": 6, "a couple of": 2, "a couple": 2, "couple of": 2}
_FIXED_FORM = re.compile(r"\b(?:half a dozen|meia duzia|a couple of|a couple|couple of)\b", re.ASCII)
_ARTICLES = frozenset({"a", "an"})
_PORTUGUESE_ONLY = frozenset({"um", "uma"})
_NUMBER_WORDS = frozenset(_SIMPLE) | frozenset(_SCALES)
_WORD = re.compile("[a-z]+")


@dataclass(frozen=True)
class _Word:
    text: str
    start: int
    end: int
    gap: str


@dataclass
class _Count:
    """A number that grows word by word; `place` is what the next simple word must stay below."""

    total: int = 0
    section: int = 0
    place: int = 1000
    begun: bool = False

    def take(self, word: str) -> bool:
        """Adds a word; False when it belongs to another number."""
        if word in _SCALES:
            return self._scale(_SCALES[word])
        value = _SIMPLE[word]
        if value >= self.place or (self.begun and value == 0):
            return False
        self.section += value
        self.place = 100 if value >= 100 else 10 if value >= 20 else 1
        self.begun = True
        return True

    def _scale(self, scale: int) -> bool:
        if scale <= 100:
            if self.section >= 100 or (self.begun and self.section == 0):
                return False
            self.section = max(self.section, 1) * scale
        else:
            if self.begun and self.section == 0:
                return False
            self.total, self.section = self.total + max(self.section, 1) * scale, 0
        self.place, self.begun = 1 if scale == 12 else scale, True
        return True


def find_words(low: str, *, portuguese: bool) -> Iterator[tuple[int, int, Decimal]]:
    """Start, end and value of each number in words; "one" is one of them, "a" and "um" are not."""
    for match in _FIXED_FORM.finditer(low):
        yield match.start(), match.end(), Decimal(_FIXED[match.group()])
    words = _words(low)
    i = 0
    while i < len(words):
        end, count = _read(words, i)
        own = words[i].text not in _PORTUGUESE_ONLY or (portuguese and end > i + 1)
        if end > i and own:
            yield words[i].start, words[end - 1].end, Decimal(count.total + count.section)
        i = max(end, i + 1)


def _words(low: str) -> list[_Word]:
    words, last = [], 0
    for match in _WORD.finditer(low):
        words.append(_Word(match.group(), *match.span(), low[last : match.start()]))
        last = match.end()
    return words


def _read(words: list[_Word], i: int) -> tuple[int, _Count]:
    """The end (exclusive) of the number that begins at word `i`, and its count; `i` itself when there is none."""
    count = _Count()
    j = i + 1 if words[i].text in _ARTICLES and i + 1 < len(words) and words[i + 1].text in _SCALES and words[i + 1].gap == " " else i
    if words[j].text not in _NUMBER_WORDS or (j == i and _is_plural_scale(words[i].text)):
        return i, count
    while (
        j < len(words) and words[j].text in _NUMBER_WORDS and (not count.begun or words[j].gap in {" ", "-"}) and count.take(words[j].text)
    ):
        j += 1
        if _joined(words, j, count):
            j += 1
    return j, count


def _is_plural_scale(word: str) -> bool:
    return word in {"hundred", "thousand", "million", "milhao", "milhoes", "dozens", "duzias"}


def _joined(words: list[_Word], j: int, count: _Count) -> bool:
    """Whether word `j` is the "and" between hundreds and tens, or the "e" between Portuguese figures."""
    if j + 1 >= len(words) or words[j].gap != " " or words[j + 1].gap != " ":
        return False
    is_open = count.place > 1 if words[j].text == "e" else count.place >= 100 and words[j].text == "and"
    if not is_open or _SIMPLE.get(words[j + 1].text, count.place) >= count.place or (count.place == 1000 and not count.total):
        return False
    after = words[j + 2].text if j + 2 < len(words) else ""
    return _SCALES.get(after, 0) != 100
