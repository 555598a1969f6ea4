"""What is new in a mail: without the older mails below it, and without the signature. Line by line, so that no text takes long. Pure.

A library was tried and refused: see docs/decisions/0043-mail-pages-and-wechat.md.
"""

from __future__ import annotations

import re

MOST_LINES = 4000
_WORDS = "wrote|writes|schrieb|a écrit|escreveu|escribió|ha scritto|写道|寫道|schreef"
_WROTE = re.compile(rf"({_WORDS})[^:：]{{0,40}}[:：]$", re.IGNORECASE)
_TIME = re.compile(r"\d{4}|\d{1,2}[:.h]\d{2}|@|＠")
_DAY = re.compile(r"(on|am|em|el|le|il|在|於|于) ?\S", re.IGNORECASE)  # with this the sentence begins
_ORIGINAL = re.compile(
    r"-{2,} ?(original message|mensagem original|ursprüngliche nachricht|原始邮件|原始郵件|原邮件) ?-{2,}", re.IGNORECASE
)
_FORWARD = re.compile(
    r"(-{2,} ?(forwarded message|mensagem encaminhada|weitergeleitete nachricht|轉寄郵件|转发邮件|转发的邮件) ?-{2,}"
    r"|begin forwarded message:)",
    re.IGNORECASE,
)
_FROM = re.compile(r"\*?(from|de|von|发件人|寄件者|寄件人)\s*[:：]", re.IGNORECASE)
_THEN = re.compile(r"\*?(sent|date|enviad[oa]( em)?|data|gesendet|发送时间|寄件日期|日期|時間|时间)\s*[:：]", re.IGNORECASE)
_TO = re.compile(r"\*?(to|para|an|subject|assunto|betreff|收件人|收件者|主题|主旨)\s*[:：]", re.IGNORECASE)
_SENT_FROM = re.compile(
    r"(sent from my |get outlook for |enviado do meu |enviado a partir d|obter o outlook|von meinem .{0,30} gesendet"
    r"|从我的.{0,20}发送|從我的.{0,20}傳送|发自我的)",
    re.IGNORECASE,
)


def new_words(text: str) -> str:
    """The part that its writer wrote now; all of it where nothing would be left, and where a mail was forwarded."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if any(_FORWARD.match(line.strip()[:200]) for line in lines[:MOST_LINES]):
        return text.strip()
    cut = _first_old(lines)
    kept = lines if cut is None else lines[:cut]
    kept = _without_signature(_without_last_quotes(kept))
    return "\n".join(kept).strip() or text.strip()


def _first_old(lines: list[str]) -> int | None:
    """Where the older mail begins. What is written below or between quoted lines is an answer too: then nothing is cut."""
    for number, line in enumerate(lines[:MOST_LINES]):
        start = line.strip()[:400]
        if _ORIGINAL.match(start) or _is_header_block(lines, number):
            return number
        if length := _length(lines, number):
            rest = [found.strip() for found in lines[number + length :]]
            quoted = any(found.startswith(">") for found in rest)
            answered = any(found and not found.startswith(">") for found in rest)
            return None if quoted and answered else number
    return None


def _length(lines: list[str], number: int) -> int:
    """How many lines "On ... wrote:" takes from here: one to three; 0 where it is none."""
    joined = ""
    for count in range(1, 4):
        line = lines[number + count - 1].strip() if number + count <= len(lines) else ""
        joined = f"{joined} {line}".strip()
        if not line or line.startswith(">") or len(joined) > 400:
            return 0
        if _WROTE.search(joined[-80:]) and _TIME.search(joined):
            return 0 if count > 1 and _TIME.search(line) and _DAY.match(line) else count
    return 0


def _is_header_block(lines: list[str], number: int) -> bool:
    """From, sent, to, one below the other, as Outlook writes them."""
    if not _FROM.match(lines[number].strip()[:400]):
        return False
    block = [line.strip()[:400] for line in lines[number + 1 : number + 7]]
    return any(_THEN.match(line) for line in block) and any(_TO.match(line) for line in block)


def _without_last_quotes(lines: list[str]) -> list[str]:
    end = len(lines)
    while end and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith(">")):
        end -= 1
    return lines[:end] if any(line.strip() for line in lines[:end]) else lines


def _without_signature(lines: list[str]) -> list[str]:
    for number, line in enumerate(lines):
        if number and line.rstrip() == "--" and len(lines) - number <= 16:
            return lines[:number]
    end = len(lines)
    while end and not lines[end - 1].strip(" _-"):
        end -= 1
    if end > 1 and _SENT_FROM.match(lines[end - 1].strip()[:200]):
        return lines[: end - 1]
    return lines[:end]
