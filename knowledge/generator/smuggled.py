"""Words that address a model and not a reader: such a sentence is not sent and proves nothing; a question with one is answered by quoting.

No list is complete. It only makes attempts dearer: `checking` decides what reaches a customer, whatever the generator was talked into.
"""

from __future__ import annotations

import re
import unicodedata

from knowledge.sentences import split_sentences

_RULES = r"(?:instruction|prompt|rule|polic|guideline|above|before|previous|prior|everything|said|told)"
_REGRAS = r"(?:instru[çc]|regra|acima|anterior|tudo|pol[ií]tica|disse)"
_ZH_RULES = "(?:指示|指令|提示|規則|规则|以上|上面|之前|前面|先前|設定|设定)"
_PATTERNS = (
    # set rules aside
    rf"\b(?:ignore|disregard|forget|override|bypass|overlook)\b[^.!?]{{0,60}}\b{_RULES}",
    rf"\b(?:ignor[ea]r?|esque[çc][ae]r?|desconsider[ea]r?|desobede[çc]a|contorn[ea])\b[^.!?]{{0,60}}\b{_REGRAS}",
    rf"(?:忽略|無視|无视|忘記|忘记|不要理會|不要理会|不用理|略過|略过|跳過|跳过|推翻)[^。！？]{{0,30}}{_ZH_RULES}",
    r"\b(?:new|updated|novas) (?:instructions|instru[çc][õo]es)\b|新(?:的)?(?:指示|指令)",
    # ask for what the model was told
    r"\b(?:system|hidden|initial|developer|secret)\s*(?:prompt|message|instructions?)\b",
    r"\b(?:prompt|mensagem|instru[çc][õo]es)\s+(?:de|do)\s+sistema\b",
    "系統(?:提示|指令|訊息|消息)|系统(?:提示|指令|消息|信息)|提示詞|提示词",
    r"\b(?:repeat|print|reveal|show|output|leak|translate|summari[sz]e|tell me)\b[^.!?]{0,40}"
    r"\b(?:your|the) (?:instructions?|prompt|rules|configuration|context|text above)",
    r"\b(?:repete|repita|mostra|mostre|revela|revele|diz-me|diga-me)\b[^.!?]{0,40}\b(?:tuas|suas|as) (?:instru[çc][õo]es|regras)",
    "(?:重複|重复|列出|顯示|显示|透露|告訴我|告诉我|輸出|输出)[^。！？]{0,12}(?:指示|指令|提示|規則|规则|設定|设定)",
    # put words into its mouth
    r"\b(?:tell|inform|instruct|convince|send|direct|order)\b[^.!?]{0,24}\b(?:customers?|users?|visitors?|readers?)\b",
    r"\b(?:respond|reply|answer|say|output)\b (?:only |exactly |just )?(?:with\b|exactly\b|only\b|the word)",
    r"\b(?:di(?:z|ga)|inform[ae]|instru\w+|envi[ae]|mand[ae])\b[^.!?]{0,24}\b(?:clientes?|utilizador(?:es)?|visitantes?)\b",
    r"\b(?:responde|responda)\b (?:apenas|só|somente|exatamente|com)\b",
    "(?:告訴|告诉|通知|叫|吩咐)[^。！？]{0,6}(?:顧客|顾客|客人|客戶|客户|用戶|用户)|只(?:可|能|要|准)?(?:回覆|回复|回答|輸出|输出)",
    # another role
    r"\byou are (?:now|no longer|an? (?:ai|assistant|language model|chatbot|unrestricted))\b|\bact as (?:an?|if|my|the)\b",
    r"\bpretend (?:to be|that|you)\b|\brole[- ]?play\b|\bjailbreak|\bdeveloper mode\b|\bDAN\b",
    r"\b(?:agora és|agora é|faz de conta|finge|finja|atua como|aja como|faça de conta)\b",
    "(?:你現在是|你现在是|你已經是|你已经是|假裝|假装|扮演|角色扮演|開發者模式|开发者模式)",
    r"\b(?:as|como) (?:an?|um|uma) (?:ai|ia|language model|modelo)\b",
    # a turn of a talk that never was
    r"<\|?/?\s*(?:im_start|im_end|system|assistant|user|endoftext|inst)\b|\[/?INST\]|<<SYS>>",
    r"^\W*(?:system|assistant|developer|sistema|assistente|系統|系统|助手)\s*[:：]",
    # hidden words, and ways out
    r"\bbase64\b|\brot13\b|\bdecode (?:this|the following)\b|\b(?:descodifi|decodifi)c\w+|解碼|解码|[A-Za-z0-9+/]{48,}={0,2}",
    r"!\[[^\]]*\]\(|<(?:img|script|iframe|a|svg|form|style)\b|javascript:|data:text/",
)
_ORDERS = re.compile("|".join(_PATTERNS), re.IGNORECASE | re.MULTILINE)


def visible(text: str) -> str:
    """The text without characters that nobody sees but a model reads: format characters, tags, private ones."""
    folded = unicodedata.normalize("NFKC", text)
    return "".join(c for c in folded if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cn", "Cs"})


def gives_orders(text: str) -> bool:
    """Whether a text addresses a model."""
    return _ORDERS.search(visible(text)) is not None


def without_orders(text: str) -> str:
    """The text without the sentences that address a model; lines stay lines."""
    lines = []
    for line in visible(text).split("\n"):
        sentences = split_sentences(line)
        kept = [one for one in sentences if not gives_orders(one)]
        if kept and not gives_orders(" ".join(kept)):
            lines.append(line if kept == sentences else " ".join(kept))
    return "\n".join(lines)
