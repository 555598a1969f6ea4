"""Words by which customers mend a talk, in English, Chinese (both scripts, and spoken Cantonese), Portuguese, Spanish, French, German."""

from __future__ import annotations

import re
import unicodedata

_OTHER = re.compile(r"[^\w\s']")

_REPEAT = """
    sorry|pardon|pardon me|what|huh|eh|come again|say (?:that|it) again|excuse me|sorry what(?: was that)?|what was (?:the question|that)
    (?:can|could) you (?:repeat|say) (?:that|it)(?: again)?|(?:please )?repeat(?: that| it)?(?: please)?|once more|again please
    what did you say
    i(?: did not|didn'?t) (?:get|catch) that
    吓|吓咩話|咩話|你講咩(?:話)?|再講(?:多)?一?次|講多(?:一)?次|重複(?:一次|一遍|多次)?|聽唔到|睇唔到|可唔可以再講(?:一)?次|唔好意思再講一次
    什麼|甚麼|什么|啥|(?:請|请)?再[說说]一(?:次|遍)|重复(?:一下|一遍|一次)?|你(?:剛才|刚才)?[說说]什[麼么]|没听清|沒聽清
    o qu[eê]|como|como disse|desculpe|perd[aã]o|repete|repeta|repita(?: por favor)?|repete (?:l[aá]|por favor)|pode repetir|podes repetir
    n[aã]o percebi|diga outra vez|outra vez|mais uma vez|qual era a pergunta
    c[oó]mo|perd[oó]n|qu[eé]|repite|puedes repetir|puede repetir|otra vez|no entend[ií]
    comment|quoi|r[eé]p[eéè]te[zr]?|vous pouvez r[eé]p[eé]ter|tu peux r[eé]p[eé]ter|encore une fois|je n'ai pas compris
    wie bitte|bitte|was|nochmal|noch einmal|wiederhole(?:n sie)?(?: das)?(?: bitte)?|kannst du das wiederholen
"""
# Also said for other reasons: only with a question mark do they ask for it again.
_NEED_MARK = frozenset({"sorry", "excuse me", "desculpe", "como", "comment", "was", "bitte", "perdón", "perdon"})
_STOP = """
    stop|cancel|never ?mind|forget (?:it|that)|quit|abort|leave it|drop it
    算啦|算了|唔使啦|唔使喇|停|停止|取消|唔搞啦|不用了|不要了|当我没说|當我冇講
    esquece|esque[cç]a|deixa|deixe(?: estar)?|p[aá]ra|pare|cancela|cancelar|desist[oi]
    olv[ií]dalo|d[eé]jalo|para|annule|laisse tomber|arr[eê]te|vergiss es|abbrechen|lass es
"""
_HUMAN = """
    (?:a )?(?:human|person|real person|agent|operator|live agent|representative)(?: please)?
    (?:i want to )?(?:talk|speak) to (?:a |an )?(?:human|person|agent|someone)
    真人|人工|轉人工|转人工|真人客服|人工客服|搵真人|我要真人|找真人|同真人傾
    (?:uma )?pessoa|humano|operador|atendente|(?:quero )?falar com (?:uma pessoa|algu[eé]m|um humano|um operador)
    una persona|un humano|un agente|une personne|un humain|un agent|ein mensch|einen menschen|mitarbeiter
"""


def _whole(table: str) -> re.Pattern[str]:
    lines = "|".join(line.strip() for line in table.strip().splitlines())
    return re.compile(rf"(?:{lines})", re.IGNORECASE)


REPEAT, STOP, HUMAN = _whole(_REPEAT), _whole(_STOP), _whole(_HUMAN)
# The beginning of a correction; what follows is what was meant.
MEANT = re.compile(
    r"^\W*(?:no|sorry|oh|wait|nope|actually|não|nao|desculpe|ai|唔係|不是|不對|不对|唔啱|錯咗|错了|no,?\s*perd[oó]n|non|nein)?[\s\W]*"
    r"(?:i (?:actually )?meant?(?: to say)?|i was thinking of|make (?:it|that)|change (?:it|that) to|it(?:'s| is) rather"
    r"|我(?:係話|意思係|嘅意思係|的意思是|意思是|是說|是说|是指|係指)|應該(?:係|是)|应该是|改(?:做|為|为|成)"
    r"|[講說说][錯错][咗了]?[，, ]*(?:係|是)?"
    r"|quer(?:ia|o) dizer|quis dizer|ali[aá]s|digo|afinal [eé]|mude para|quer[ií]a decir|quise decir|mejor dicho"
    r"|je voulais dire|plut[oô]t|ich meinte|ich meine)[\s\W]*",
    re.IGNORECASE,
)
NO_BUT = re.compile(
    r"^\W*(?:no(?:pe)?|not (?:that|this)(?: one)?|wrong|that'?s (?:wrong|not right)|sorry|oops|actually|wait|hang on"
    r"|唔係|唔啱|唔對|不是|不對|不对|錯[了咗喇]?|错了?|等等|等陣|n[aã]o|errado|engano|espera|ali[aá]s|perd[oó]n|non|nein|falsch)"
    r"(?:[\s\W]+|(?=[\u4e00-\u9fff]))",
    re.IGNORECASE,
)
LONGEST_VALUE = 60
_NO_VALUE = re.compile(
    r"\b(?:thanks?|thank you|please|i|i'?m|don'?t|not|want|need|never|wrong|right|keep|leave|it'?s|that|this|nothing|obrigad[oa]|quero"
    r"|preciso|n[aã]o|isso|nada"
    r"|est[aá]|gracias|quiero|merci|danke)\b|[不唔冇沒没想要]|[謝谢][謝谢]?|多謝|錯|错|[?？]",
    re.IGNORECASE,
)
# Right before a value: it is the one that is not meant.
NEGATED = re.compile(
    r"(?:\bnot|\bisn'?t|\binstead of|\brather than|\bn[aã]o (?:[eé] )?(?:a |o )?|\bem vez d[eao]s?|\ben vez de|\bpas|\bnicht"
    r"|不是|唔係|而不是|而唔係|唔要|不要)\s*(?:the |number |order |訂單|订单|encomenda )?$",
    re.IGNORECASE,
)


def plain(text: str) -> str:
    """The words of `text` with single blanks and nothing else, accents and apostrophes kept."""
    return " ".join(_OTHER.sub(" ", unicodedata.normalize("NFKC", text).replace("’", "'")).casefold().split())


def is_whole(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the message says that and nothing else."""
    return pattern.fullmatch(plain(text)) is not None


def asks_again(text: str) -> bool:
    """Whether the message asks for what was said last, and nothing else."""
    marked = "?" in unicodedata.normalize("NFKC", text)
    return is_whole(REPEAT, text) and (marked or plain(text) not in _NEED_MARK)


def meant_instead(text: str) -> tuple[str, bool] | None:
    """What a correction puts in place of an earlier answer, and whether it says so outright ("I meant ..."); None when it is none."""
    outright = MEANT.match(text)
    if outright:
        return text[outright.end() :].strip(), True
    no = NO_BUT.match(text)
    rest = text[no.end() :].strip() if no else ""
    return (rest, False) if rest else None


def could_be_value(words: str) -> bool:
    """Whether what follows a "no" may be a name or a place rather than a courtesy or a sentence on what is (not) wanted."""
    return len(words) <= LONGEST_VALUE and not _NO_VALUE.search(words) and not is_whole(STOP, words)
