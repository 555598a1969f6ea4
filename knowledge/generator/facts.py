"""What must not change between a passage and a sentence about it: numbers with what they count, negations, and words that decide."""

from __future__ import annotations

import re
import unicodedata

from knowledge.chinese import has_han, one_script
from knowledge.terms import family, terms

_NUMBER = re.compile(r"\d+(?:[.,:]\d+)*")
_NEAR = 5
_WORDS = {
    "en": "zero two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
    " twenty",
    "pt": "zero dois tres quatro cinco seis sete oito nove dez onze doze treze catorze quinze dezasseis dezassete dezoito dezanove vinte",
}
_TENS = {
    "en": "thirty forty fifty sixty seventy eighty ninety hundred",
    "pt": "trinta quarenta cinquenta sessenta setenta oitenta noventa cem",
}
_SPELT: dict[str, str] = {}
for _language, _said in _WORDS.items():
    _SPELT |= {word: str(number if number < 1 else number + 1) for number, word in enumerate(_said.split())}
    _SPELT |= {word: str(10 * number) for number, word in enumerate(_TENS[_language].split(), 3)}
_SPELT |= {"duas": "2", "hundred": "100", "cem": "100", "half": "1/2", "metade": "1/2", "double": "x2", "dobro": "x2"}
_HAN_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_HAN_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10_000}
_HAN_NUMBER = re.compile(
    r"[零〇一二两三四五六七八九十百千万]*[二两三四五六七八九十百千万][零〇一二两三四五六七八九十百千万]*|[一二两三四五六七八九](?=[天日周月年小时分钟元次件个折倍])"
)

_NEGATIONS = {
    "en": re.compile(
        r"\b(?:not|no|never|none|nor|neither|without|cannot|unable|nothing|nobody|except|unless|refuse[ds]?|exclud\w+)\b|n['’]t\b",
        re.IGNORECASE,
    ),
    "pt": re.compile(r"\b(?:não|nao|nunca|nem|sem|nenhum[a]?|jamais|exceto|salvo|nada|ninguém|recus\w+|exclu\w+)\b", re.IGNORECASE),
    "zh": re.compile(r"不(?!同|過|过|错|錯)|[没沒無无未勿莫]|別(?!人)|禁止|除外|除非|拒"),
}
# "_" stands for a blank.
_DECISIVE = {
    "en": """before after until from only always all every any free must should more less most at_least up_to minimum maximum both either
        first last open closed increase decrease extra full partial automatically immediately guaranteed forever unlimited today tomorrow
        same different instead cash yourself""",
    "pt": """antes depois até desde só apenas sempre todos todas cada qualquer grátis gratuito gratuita deve mais menos mínimo máximo ambos
        primeiro último aberto fechado extra total parcial automaticamente imediatamente garantido ilimitado hoje amanhã mesmo diferente
        dinheiro""",
    "zh": """之前 之后 以前 以后 直至 只 仅 必须 需要 所有 全部 任何 每 免费 更多 更少 至少 最多 最少 起码 首 最后 自动 立即 保证 永久 无限
        今天 明天 相同 现金 全额 部分""",
}
_LIMITS = {
    "en": "if only unless except until up_to at_least must provided as_long_as minimum maximum unused unopened",
    "pt": "se só apenas salvo exceto até deve desde_que mínimo máximo caso",
    "zh": "如果 如 若 只 仅 除非 必须 至少 最多 起码 未",
}


def _any_of(words: str) -> str:
    return "|".join(word.replace("_", r"\s+") for word in sorted(words.split(), key=len, reverse=True))


def _patterns(said: dict[str, str]) -> dict[str, re.Pattern[str]]:
    return {kind: re.compile(_any_of(words) if kind == "zh" else rf"\b(?:{_any_of(words)})\b") for kind, words in said.items()}


_DECIDING, _LIMITING = _patterns(_DECISIVE), _patterns(_LIMITS)


def plain(text: str) -> str:
    """Folded for comparing: one width, small letters, Chinese in one script."""
    return one_script(unicodedata.normalize("NFKC", text)).lower()


def negations(text: str, language: str) -> int:
    """How often a text negates or excepts."""
    kind = family(language)
    return len(_NEGATIONS[kind].findall(plain(text)))


def deciding(text: str, language: str) -> set[str]:
    """The words in a text that decide what it promises."""
    return {" ".join(found.split()) for found in _DECIDING[family(language)].findall(plain(text))}


def limits(text: str, language: str) -> set[str]:
    """The words in a text that limit what it promises, and must not be left out."""
    return {" ".join(found.split()) for found in _LIMITING[family(language)].findall(plain(text))}


def numbers(text: str, language: str) -> set[str]:
    """The numbers of a text, spelt ones too, in one form."""
    folded = plain(text)
    found = {_canonical(one) for one in _NUMBER.findall(folded)}
    if family(language) == "zh":
        return found | {str(_han_value(one)) for one in _HAN_NUMBER.findall(_NUMBER.sub(" ", folded))}
    bare = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
    return found | {_SPELT[word] for word in re.findall(r"[a-z]+", bare) if word in _SPELT}


def counted_alike(sentence: str, evidence: str, language: str) -> bool:
    """Whether each number of the sentence counts what a same number of the evidence counts: the next word stands near it there too."""
    if family(language) == "zh" or has_han(sentence):
        return all(_han_counted(match, plain(evidence)) for match in re.finditer(r"(\d+(?:[.,:]\d+)*)\s*([㐀-鿿])?", plain(sentence)))
    said, known = counted_terms(sentence, language), counted_terms(evidence, language)
    for place, token in enumerate(said):
        if not token[0].isdigit():
            continue
        unit = next((other for other in said[place + 1 :] if not other[0].isdigit()), None)
        if unit is None:
            continue
        spots = [at for at, other in enumerate(known) if other == token]
        if spots and not any(unit in known[max(0, at - _NEAR) : at + _NEAR + 1] for at in spots):
            return False
    return True


def _han_counted(match: re.Match[str], evidence: str) -> bool:
    if match[2] is None:
        return True
    return re.search(rf"(?<!\d){re.escape(match[1])}(?:\s*(?:[-–~至到]|或)\s*\d+)?\s*[㐀-鿿]{{0,2}}{match[2]}", evidence) is not None


def counted_terms(text: str, language: str) -> list[str]:
    """The terms of a text in order, with every number, spelt ones too, as its digits."""
    folded = _NUMBER.sub(lambda found: f" {_canonical(found.group()).replace('.', '')} ", plain(text))
    bare = "".join(c for c in unicodedata.normalize("NFD", folded) if not unicodedata.combining(c))
    return terms(re.sub(r"[a-z]+", lambda word: _SPELT.get(word.group(), word.group()), bare), language)


def _canonical(number: str) -> str:
    """1,000 as 1000; 2.50 as 2.5; 12:30 as it is."""
    if ":" in number:
        return number
    if re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", number):
        return re.sub(r"[.,]", "", number)
    whole, _, part = number.replace(",", ".").partition(".")
    part = part.rstrip("0")
    return f"{int(whole)}.{part}" if part else str(int(whole))


def _han_value(number: str) -> int:
    total, section, digit = 0, 0, 0
    for char in number:
        if char in _HAN_DIGITS:
            digit = _HAN_DIGITS[char]
        elif char == "万":
            total, section, digit = (total + section + digit) * 10_000, 0, 0
        else:
            section, digit = section + (digit or 1) * _HAN_UNITS[char], 0
    return total + section + digit
