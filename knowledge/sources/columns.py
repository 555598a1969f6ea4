"""Which column of a list of questions and answers is which, by the names in its header row."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge.sources.names import language_of_tag
from knowledge.sources.types import Options, UnreadableError

_NAMES: dict[str, tuple[str, ...]] = {
    "question": (
        "question", "questions", "q", "faq", "query", "customer question", "title", "問題", "问题", "常見問題", "常见问题", "提問", "提问",
        "問", "问", "標題", "标题", "pergunta", "perguntas", "questao", "titulo", "duvida",
    ),
    "answer": (
        "answer", "answers", "a", "reply", "response", "body", "text", "content", "答案", "回答", "回覆", "回复", "解答",
        "答", "內容", "内容",
        "resposta", "respostas", "conteudo", "texto", "corpo",
    ),
    "category": (
        "category", "topic", "section", "group", "分類", "分类", "類別", "类别", "主題", "主题", "categoria", "tema", "seccao",
        "secao", "grupo",
    ),
    "tags": ("tags", "labels", "keywords", "標籤", "标签", "關鍵字", "关键词", "etiquetas", "palavras-chave", "palavras chave"),
    "language": ("language", "lang", "locale", "語言", "语言", "lingua", "idioma"),
    "id": ("id", "key", "number", "no", "編號", "编号", "numero", "codigo"),
    "variants": (
        "variants", "also asked", "variations", "similar questions", "alternative questions", "相似問法", "相似问法", "其他問法",
        "其他问法", "variantes", "perguntas semelhantes",
    ),
    "audience": ("audience", "對象", "对象", "publico"),
}  # fmt: skip
_ROLES = {name: role for role, names in _NAMES.items() for name in names}
_WITH_LANGUAGE = re.compile(
    r"^(?P<name>.*?)[\s_:：.\-]*[(（\[]?(?P<tag>[a-z]{2}(?:[-_][a-z0-9]{2,4})?|英文|英語|中文|繁體|繁体|简体|簡體|葡文|葡語)[)）\]]?$"
)
_SPOKEN = {
    "英文": "en",
    "英語": "en",
    "中文": "zh",
    "繁體": "zh-Hant",
    "繁体": "zh-Hant",
    "简体": "zh-Hans",
    "簡體": "zh-Hans",
    "葡文": "pt",
    "葡語": "pt",
}
_ACCENTS = str.maketrans("áàâãéêíóôõúüç", "aaaaeeiooouuc")


@dataclass(frozen=True)
class Columns:
    """Places of columns, from 0. `texts` has (question, answer) for each language; the empty language is that of the row."""

    texts: Mapping[str, tuple[int, int]]
    others: Mapping[str, int]


def find_columns(header: Sequence[str], options: Options) -> Columns:
    """The columns of a list. Raises UnreadableError naming the header when question or answer cannot be told."""
    others: dict[str, int] = {}
    questions: dict[str, int] = {}
    answers: dict[str, int] = {}
    for place, cell in enumerate(header):
        role, language = _role(cell, options)
        if role == "question":
            questions.setdefault(language, place)
        elif role == "answer":
            answers.setdefault(language, place)
        elif role:
            others.setdefault(role, place)
    texts = {language: (place, answers[language]) for language, place in questions.items() if language in answers}
    if not texts:
        shown = ", ".join(repr(cell.strip()) for cell in header[:12] if cell.strip()) or "nothing"
        raise UnreadableError(
            f"The columns of question and answer cannot be told: the first row has {shown}",
            hint="Name them question and answer (or in Chinese or Portuguese), or say which columns they are.",
        )
    return Columns(texts, others)


def _role(cell: str, options: Options) -> tuple[str, str]:
    name = " ".join(cell.strip().lower().translate(_ACCENTS).split()).strip("*:：")
    for role, asked in (("question", options.question), ("answer", options.answer)):
        if asked and cell.strip().lower() == asked.strip().lower():
            return role, ""
    if (options.question and _ROLES.get(name) == "question") or (options.answer and _ROLES.get(name) == "answer"):
        return "", ""  # the columns were named, so these are others
    if name in _ROLES:
        return _ROLES[name], ""
    split = _WITH_LANGUAGE.match(name)
    if split and split["name"] in _ROLES:
        language = language_of_tag(_SPOKEN.get(split["tag"], split["tag"]))
        if language is not None:
            return _ROLES[split["name"]], language or "zh-Hant"
    return "", ""
