"""A word of small talk, chosen by what was asked."""

from __future__ import annotations

import re

from bot.actions.port import ActionContext, ActionResult

TOPICS = {
    "utter_small_talk_joke": r"joke|funny|laugh|笑話|笑话|搞笑|piada|anedota|engra[cç]ad",
    "utter_small_talk_name": (
        r"your name|call you|who are you|名字|叫咩|叫什|叫甚|點稱呼|怎么称呼|邊個"
        r"|(?:teu|seu) no[m]e|te chamas|se chama|quem [eé]s"
    ),
    "utter_small_talk_praise": (
        r"love|great|clever|smart|cool|amazing|nice|best|好叻|叻|聰明|聪明|厲害|厉害|讚|赞|鍾意你|喜歡你|喜欢你|棒"
        r"|gosto|inteligente|esperto|simp[aá]tic|fix[ie]|melhor|adoro"
    ),
}


class SmallTalk:
    """How are you, your name, a joke, a compliment."""

    name = "action_small_talk"

    async def run(self, context: ActionContext) -> ActionResult:
        said = context.tracker.latest_user.text if context.tracker.latest_user else ""
        topic = next((name for name, words in TOPICS.items() if re.search(words, said, re.IGNORECASE)), "utter_small_talk")
        return ActionResult(messages=(context.say(topic),))
