"""A word of small talk, chosen by what was asked."""

from __future__ import annotations

import re

from bot.actions.port import ActionContext, ActionResult

TOPICS = {
    "utter_small_talk_birthday": r"birthday|生日|anivers[aá]rio|fa[cç]o anos",
    "utter_small_talk_sad": r"\bsad\b|lonely|long day|rough day|tired|難過|难过|唔開心|不開心|不开心|好攰|好累|寂寞|triste|sozinh|cansad"
    r"|dia dif[ií]cil",
    "utter_small_talk_tea": r"drink|favou?rite (?:tea|biscuit)|飲茶|喝茶|飲咩|鍾意飲|喜歡喝|喜欢喝|bebes?\b|beber|ch[aá] (?:preferido"
    r"|favorito)",
    "utter_small_talk_machine": (
        r"how old|where (?:do you|are you) (?:live|from)|married|family|friends|sleep|bored|幾歲|几岁|多大|住喺邊|住哪|結婚|结婚|朋友|瞓"
        r"|睡|悶|無聊|无聊"
        r"|que idade|quantos anos|onde (?:moras?|vives?|mora|vive)|casad|fam[ií]lia|amigos|dorm"
    ),
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
