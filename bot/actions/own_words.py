"""What Baton's offered actions say in a project that has no responses for them; a response of the same name goes before."""

from __future__ import annotations

_COLLEAGUE_EN = "I am passing you to a colleague. They will read this whole conversation, so you need not repeat anything."
_COLLEAGUE_ZH = "我把您轉給同事。同事會看到整段對話，您不用重複說明。"
_COLLEAGUE_PT = "Vou passar a conversa a um colega. Ele lê tudo o que aqui foi dito, por isso não precisa de repetir nada."

OWN_WORDS: dict[str, dict[str, str]] = {
    "utter_handoff_open": {"en": _COLLEAGUE_EN, "zh-Hant": _COLLEAGUE_ZH, "pt": _COLLEAGUE_PT},
    "utter_handoff_closed": {
        "en": f"{_COLLEAGUE_EN} The reply will come here when they are back.",
        "zh-Hant": f"{_COLLEAGUE_ZH}同事上班後會在這裡回覆您。",
        "pt": f"{_COLLEAGUE_PT} A resposta chega aqui quando voltarem.",
    },
    "utter_handoff_not_understood": {
        "en": "I am not getting this right, so I would rather have a person look at it.",
        "zh-Hant": "我一直沒弄明白，還是請真人同事來看看比較好。",
        "pt": "Não estou a conseguir perceber, por isso prefiro que uma pessoa veja o assunto.",
    },
    "utter_no_answer": {
        "en": "I have no reliable answer to that.",
        "zh-Hant": "這個問題我沒有可靠的答案。",
        "pt": "Não tenho uma resposta segura para isso.",
    },
    "utter_please_rephrase": {
        "en": "Sorry, I could not make that out. Could you say it in other words?",
        "zh-Hant": "不好意思，我沒看懂。可以換個說法嗎？",
        "pt": "Desculpe, não consegui entender. Pode dizer de outra forma?",
    },
}
"""Response -> language -> text; Simplified Chinese is converted from Traditional."""
