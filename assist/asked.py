"""What reads like a question, in English, Portuguese and Chinese (spoken Cantonese too)."""

from __future__ import annotations

import re

_ASKED = re.compile(
    r"[?？]|[吗嗎呢么麼㗎咩未]\s*$|什么|什麼|甚麼|怎么|怎麼|怎样|怎樣|如何|哪|多少|多久|几时|幾時|几点|幾點|几钱|幾錢|是否|有没有|有沒有|能不能|可不可以|可以.*吗|"
    r"有冇|可唔可以|点样|點樣|点解|點解|边度|邊度|边个|邊個|几多|幾多|几耐|幾耐|咩|乜|唔知|"
    r"(?i:^\W*(?:(?:and|so|but|ok|okay|great|thanks|anyway|also|yes|no|one more thing)\b[\s,:-]*)*"
    r"(?:what|which|who|whose|when|where|why|how|is|are|was|were|do|does|did|can|could|will|would|should|may|has|have|any)\b)|"
    r"(?i:\b(?:tell me|wondering|i'd like to know|do you know|let me know|want to know|i need to know)\b)|"
    r"(?i:^\W*(?:(?:e|então|mas|ok|já agora|também)\b[\s,:-]*)*"
    r"(?:qual|quais|quem|quando|onde|como|quanto|quanta|quantos|quantas|porque|porquê|posso|pode|podem|tem|têm|há|dá|o que|a que|até que|"
    r"em que|com quem|para que|é possível)\b)|(?i:\b(?:gostava de saber|queria saber|sabe se|sabem se)\b)"
)


def asks(text: str) -> bool:
    """Whether `text` reads like a question."""
    return _ASKED.search(text) is not None
