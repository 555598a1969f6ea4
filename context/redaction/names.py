"""Names of people in a customer's message: introduced, addressed, known from the profile, or capitalised and in no training sentence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from context.redaction.common_words import CALENDAR, COMMON, NAMELIKE, STOPS
from nlu.text import fold

Span = tuple[int, int]

_WORD = r"[^\W\d_][^\W\d_'’.-]*(?:[-'’][^\W\d_]+)*"
_CAPITAL = r"(?:(?:d[aeo]s?|van|von|de la|bin|al)\s+)?[A-ZÀ-ÖØ-ÞĀ-Ž][^\W\d_]*(?:[-'’][^\W\d_]+)*\.?"
_ANYHOW = re.compile(
    r"\b(?:(?:my|the|customer|full|his|her|first|last)\s+name\s*(?:is|'s|’s|[:：])|name\s*[:：]|name['’]?s|call me|known as|"
    r"(?:o\s+)?meu nome\s+(?:completo\s+)?(?:é|e|[:：])|nome\s*[:：]|chamo[- ]me|me chamo|pode chamar-me)\s+",
    re.IGNORECASE,
)
_TITLES = r"mr|mrs|ms|miss|mx|dr|prof|sir|madam|sr|sra|srta|dona|dom|senhor|senhora|doutor|doutora|eng"
_TITLE = re.compile(rf"\b(?:{_TITLES})\b\.?\s+(?={_WORD})", re.IGNORECASE)
_INTRODUCED = re.compile(
    r"\b(?i:i am|i['’]?m|this is|it['’]?s|it is|here is|regards|wishes|sincerely|cheers|best|sou(?:\s+[oa])?|aqui (?:é|fala|está)|fala|"
    r"cumprimentos|atentamente)[,:]?\s+(?=[A-ZÀ-ÖØ-ÞĀ-Ž])"
)
_SIGNED = re.compile(rf"(?:^|[\n,.!?;–—-]\s*)(?P<name>{_CAPITAL}(?:\s+{_CAPITAL}){{0,3}})\s+(?:here|speaking|aqui)\b")
_CAPITALS = re.compile(rf"(?<![\w<@]){_CAPITAL}(?:\s+{_CAPITAL})*")
_STARTS = frozenset(".!?:;\n\"'“”‘’(–—-…")
MOST_WORDS, ABBREVIATION = 4, 4

_SURNAMES = (
    "陳陈林黃黄張张李王吳吴劉刘蔡楊杨許许鄭郑謝谢郭洪曾邱廖賴赖周徐蘇苏葉叶莊庄呂吕江何蕭萧羅罗高潘簡简朱鍾钟游彭詹胡施沈余趙赵盧卢梁顏颜柯孫孙魏翁戴范方宋鄧邓"
    "杜傅侯曹薛丁馬马卓董唐藍蓝蔣蒋石古紀纪姚連连歐欧馮冯湯汤黎譚谭袁崔鄺邝霍龍龙關关區区韓韩秦尹孔毛賀贺龔龚"
)
_HAN_STOPS = "想要問问在係是的我你佢他她同和跟有冇沒没可不唔先請请需買买訂订而，,。.!！?？"
_HAN_INTRODUCED = re.compile(
    r"(?:我叫做?|我個名係|我个名系|我的名字是|我的名字叫|我的名係|(?:名字|姓名|收件人|聯絡人|联系人)(?:[是係叫]|[:：])[:：]?)\s*"
    r"(?P<name>[\u4e00-\u9fff]{1,4})"
)
_HAN_AM = re.compile(rf"(?:我是|我係|本人|敝姓|我姓)(?P<name>[{_SURNAMES}][\u4e00-\u9fff]{{0,2}})(?=$|[\s，,。.!！?？、的])")
_HAN_TITLED = re.compile(rf"(?P<name>[{_SURNAMES}][\u4e00-\u9fff]{{0,2}}?)(?=先生|小姐|女士|太太|生(?![日產产])|經理|经理|老師|老师)")


def find_names(text: str, *, known_words: Collection[str] = (), profile: Collection[str] = ()) -> Iterator[Span]:
    """Spans of names. `known_words` (folded) are words of the shop's own sentences, no names; `profile` is what the customer is called."""
    yield from _of_profile(text, profile)
    for match in _ANYHOW.finditer(text):
        yield from _words_from(text, match.end(), known_words, only_capitals=False)
    for pattern in (_TITLE, _INTRODUCED):
        for match in pattern.finditer(text):
            yield from _words_from(text, match.end(), known_words, only_capitals=pattern is _INTRODUCED)
    for match in _SIGNED.finditer(text):
        if not _all_known(match["name"], known_words):
            yield match.span("name")
    yield from _capitalised(text, known_words)
    yield from _han(text)


def _of_profile(text: str, profile: Collection[str]) -> Iterator[Span]:
    parts = {part for name in profile for part in [name, *re.split(r"[\s.,_-]+", name)] if len(part) > 1 and not part.isdigit()}
    for part in sorted(parts, key=len, reverse=True):
        border = "" if part[0] > "\u3000" else r"\b"
        yield from (m.span() for m in re.finditer(border + re.escape(part) + border, text, re.IGNORECASE))


def _words_from(text: str, start: int, known: Collection[str], *, only_capitals: bool) -> Iterator[Span]:
    end, at = start, start
    for _ in range(MOST_WORDS):
        match = re.compile(rf"{_WORD}").match(text, at)
        if match is None:
            break
        word = match.group()
        if fold(word) in STOPS or (not word[0].isupper() and (only_capitals or (_usual(word, known) and fold(word) not in NAMELIKE))):
            break
        end = match.end()
        space = re.compile(r"\.?[ \t]+").match(text, end)
        if space is None:
            break
        at = space.end()
    if end > start:
        yield start, end


def _capitalised(text: str, known: Collection[str]) -> Iterator[Span]:
    """Capitalised words within a sentence, and pairs of them anywhere (also where all is in capitals), that are not the shop's."""
    letters = [c for c in text if c.isalpha()]
    shouted = sum(c.isupper() for c in letters) > len(letters) / 2
    for match in _CAPITALS.finditer(text):
        words = list(re.finditer(r"\S+", match.group()))
        strange = [word for word in words if _is_strange(word.group().strip("."), known, shouted=shouted)]
        before = text[: match.start()].rstrip()
        begins = shouted or not before or before[-1] in _STARTS
        if strange and (not begins or len(strange) > 1):
            yield (
                match.start() + (strange[0].start() if begins else 0),
                match.start() + (strange[-1].end() if shouted else len(match.group())),
            )


def _is_strange(word: str, known: Collection[str], *, shouted: bool) -> bool:
    abbreviation = not shouted and word.isupper() and len(word) <= ABBREVIATION
    return len(word) > 1 and not abbreviation and not _usual(word, known)


def _usual(word: str, known: Collection[str]) -> bool:
    folded = fold(word)
    return folded in known or folded in CALENDAR or folded in STOPS or folded in COMMON


def _all_known(words: str, known: Collection[str]) -> bool:
    return all(_usual(word, known) for word in words.split())


def _han(text: str) -> Iterator[Span]:
    for match in _HAN_INTRODUCED.finditer(text):
        start, name = match.start("name"), match["name"]
        cut = next((i for i, c in enumerate(name) if i and c in _HAN_STOPS), len(name))
        if name[0] in _HAN_STOPS and name[0] not in _SURNAMES:
            continue
        yield start, start + min(cut, 3 if name[0] in _SURNAMES else 4)
    for pattern in (_HAN_AM, _HAN_TITLED):
        yield from (match.span("name") for match in pattern.finditer(text))
