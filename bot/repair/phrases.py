"""What Baton says when it mends a talk, in four languages; a project says it otherwise by a response of the same name."""

from __future__ import annotations

from typing import Any

from bot.actions.port import ActionContext
from bot.speaker import fill, language_chain
from context.types import Button, Content
from knowledge.chinese import to_simplified

PHRASES = {
    "utter_repair_corrected": {
        "en": "All right, I have changed that.",
        "zh-Hant": "好的，已經更改。",
        "pt": "Está bem, já alterei.",
    },
    "utter_repair_clarify": {
        "en": "Which of these do you mean? You can also put it another way.",
        "zh-Hant": "您指的是哪一項？也可以換個說法。",
        "pt": "Qual destes quer dizer? Também pode dizê-lo de outra forma.",
    },
    "utter_repair_offer": {
        "en": "You also said: “{wish}”. Shall I go on with that?",
        "zh-Hant": "您還提到：「{wish}」。要繼續處理嗎？",
        "pt": "Também disse: «{wish}». Quer que trate disso?",
    },
    "utter_repair_settled": {
        "en": "A colleague has seen to this already: “{wish}”. Shall we begin it anew?",
        "zh-Hant": "「{wish}」這件事同事已經處理好了。要重新開始嗎？",
        "pt": "Um colega já tratou disto: «{wish}». Quer começar de novo?",
    },
    "utter_repair_seen_to": {
        "en": "A colleague has just seen to this. I can call a person again, or help with anything else.",
        "zh-Hant": "這件事同事剛剛處理過。我可以再請真人同事來，或者幫您處理別的事。",
        "pt": "Um colega acabou de tratar disto. Posso voltar a chamar uma pessoa, ou ajudar com outra coisa.",
    },
    "utter_repair_yes": {"en": "Yes, please", "zh-Hant": "好的", "pt": "Sim, por favor"},
    "utter_repair_no": {"en": "No, thanks", "zh-Hant": "不用了", "pt": "Não, obrigado"},
    "utter_repair_stopped": {"en": "All right, I have stopped that.", "zh-Hant": "好的，已經停止了。", "pt": "Está bem, parei por aqui."},
    "utter_repair_person": {
        "en": "I am passing you to a colleague.",
        "zh-Hant": "我把您轉給同事。",
        "pt": "Vou passar a conversa a um colega.",
    },
    "utter_repair_stuck": {
        "en": "We are not getting on like this, so I would rather have a person look at it.",
        "zh-Hant": "這樣下去幫不到您，還是請真人同事來看看比較好。",
        "pt": "Assim não avançamos, por isso prefiro que uma pessoa veja o assunto.",
    },
    "utter_repair_nudge": {
        "en": "Are you still there? Take your time. This is where we were:",
        "zh-Hant": "您還在嗎？不用急，剛才說到這裡：",
        "pt": "Ainda está aí? Não há pressa. Estávamos aqui:",
    },
    "utter_repair_closed": {
        "en": "I leave it at that for now. Write whenever you like, and we begin again.",
        "zh-Hant": "先到這裡。隨時再寫給我，我們重新開始。",
        "pt": "Por agora fico por aqui. Escreva quando quiser e recomeçamos.",
    },
}


def say(context: ActionContext, name: str, *, buttons: tuple[Button, ...] = (), **values: Any) -> Content:
    """The project's own response of that name, or Baton's phrase in the nearest language; with `buttons` besides its own."""
    if context.project.has_response(name):
        said = context.say(name, **values)
        return Content(said.text, buttons=(*said.buttons, *buttons), custom=said.custom)
    known = PHRASES[name]
    spoken = next(c for c in language_chain(context.language, default=context.project.config.language) if c in known)
    text = fill(known[spoken], values)
    simplified = spoken == "zh-Hant" and context.language in ("zh-Hans", "zh")
    return Content(to_simplified(text) if simplified else text, buttons=buttons)
