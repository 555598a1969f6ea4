"""What agents say that belongs into no article: greetings, thanks, "one moment please"; English, Portuguese and Chinese."""

from __future__ import annotations

import re

_ENGLISH = (
    r"(?:hi|hello|hey|dear|good (?:morning|afternoon|evening))\b[^.!?]{0,40}",
    r"(?:thank you|thanks|thx)\b[^.!?]{0,60}",
    r"(?:you(?:'|’)?re|you are) (?:very )?welcome[^.!?]{0,30}",
    r"(?:have a|enjoy your) [^.!?]{0,40}",
    r"(?:(?:kind |best )?regards|cheers)[^.!?]{0,40}",
    r"(?:let me|i(?:'|’)?ll|i will) (?:just )?(?:check|look|see|find out|ask)[^.!?]{0,80}",
    r"(?:one|just a|give me a) (?:moment|second|minute)[^.!?]{0,40}",
    r"(?:is there|can i help|anything) [^.!?]{0,20}(?:else|further)[^.!?]{0,60}",
    r"(?:i(?:'|’)?m |we(?:'|’)?re )?sorry (?:for|about|to)[^.!?]{0,80}",
    r"(?:my name is|this is|i am|i(?:'|’)m) (?:<name>)[^.!?]{0,60}",
)
_PORTUGUESE = (
    r"(?:olá|ola|oi|bom dia|boa tarde|boa noite|caro|cara)\b[^.!?]{0,40}",
    r"(?:muito )?obrigad[oa][^.!?]{0,60}",
    r"de nada[^.!?]{0,20}",
    r"(?:um|só um) (?:momento|instante|minuto)[^.!?]{0,40}",
    r"(?:vou|deixe-me|deixa-me) (?:verificar|ver|confirmar|perguntar)[^.!?]{0,80}",
    r"(?:posso ajudar|precisa de|mais alguma)[^.!?]{0,20}(?:mais|coisa)[^.!?]{0,40}",
    r"(?:peço|pedimos) desculpa[^.!?]{0,80}",
    r"(?:cumprimentos|atentamente|até (?:já|logo|breve))[^.!?]{0,30}",
)
_CHINESE = (
    r"(?:您好|你好|哈囉|早安|早晨|午安)[^。！？]{0,16}",
    r"(?:謝謝|谢谢|多謝|多谢|唔該|感謝|感谢)[^。！？]{0,24}",
    r"(?:不客氣|不客气|唔使客氣)[^。！？]{0,12}",
    r"(?:請稍等|请稍等|請等等|等我|讓我|让我|我幫您|我帮您|我幫你|稍等)[^。！？]{0,24}",
    r"(?:還有|还有)[^。！？]{0,20}(?:幫|帮)[^。！？]{0,12}",
    r"(?:不好意思|抱歉)[^。！？]{0,24}",
)
_SMALL_TALK = re.compile(rf"\W*(?:{'|'.join([*_ENGLISH, *_PORTUGUESE, *_CHINESE])})[.!?。！？~～]*\W*", re.IGNORECASE)
_GREETING = re.compile(
    r"^(?:hi|hello|hey|dear|olá|ola|oi|caro|cara|bom dia|boa tarde|您好|你好)(?:\s+(?:there|again))?\s*(?:<name>)?\s*[,，!！:：]\s*(?=\S)",
    re.IGNORECASE,
)


def is_small_talk(sentence: str) -> bool:
    """Whether a sentence says nothing but politeness."""
    return _SMALL_TALK.fullmatch(sentence) is not None


def without_greeting(sentence: str) -> str:
    """The sentence without the greeting that it begins with; it begins with a capital again."""
    rest = _GREETING.sub("", sentence, count=1)
    return rest if rest == sentence else rest[:1].upper() + rest[1:]
