"""The few sentences that Baton itself says to a customer, in four languages. What the bot says stands in training_data/responses."""

from __future__ import annotations

from typing import Any

PHRASES: dict[str, dict[str, str]] = {
    "disclosure": {
        "en": "You are chatting with an automated assistant. You can ask for a person at any time.",
        "zh-Hant": "你正在與自動化助理對話，隨時可以要求轉接真人同事。",
        "zh-Hans": "您正在与自动助理对话，随时可以要求转接人工同事。",
        "pt": "Está a falar com um assistente automático. Pode pedir para falar com uma pessoa a qualquer momento.",
    },
    "greeting": {
        "en": "Hello! Ask me about orders, delivery, returns or our products.",
        "zh-Hant": "你好！訂單、送貨、退換或產品的問題都可以問我。",
        "zh-Hans": "您好！订单、配送、退换货或商品的问题都可以问我。",
        "pt": "Olá! Pergunte-me sobre encomendas, entregas, devoluções ou os nossos produtos.",
    },
    "agent_joined": {
        "en": "{name} has joined the conversation and can see everything so far.",
        "zh-Hant": "{name} 已加入對話，並已看到之前的全部內容。",
        "zh-Hans": "{name} 已加入对话，并能看到之前的全部内容。",
        "pt": "{name} entrou na conversa e já vê tudo o que foi dito.",
    },
    "released": {
        "en": "Your conversation is waiting for another colleague, who will see everything so far.",
        "zh-Hant": "你的對話正等待另一位同事接手，對方會看到之前的全部內容。",
        "zh-Hans": "您的对话正等待另一位同事接手，对方会看到之前的全部内容。",
        "pt": "A sua conversa aguarda outro colega, que verá tudo o que foi dito.",
    },
    "handed_back": {
        "en": "The automated assistant is back and answers from here on. You can ask for a person again at any time.",
        "zh-Hant": "接下來由自動化助理回覆，你隨時可以再要求真人同事。",
        "zh-Hans": "接下来由自动助理回复，您随时可以再要求人工同事。",
        "pt": "O assistente automático está de volta e responde a partir daqui. Pode voltar a pedir uma pessoa quando quiser.",
    },
    "resolved": {
        "en": "{name} has closed this conversation. Write again whenever you need us.",
        "zh-Hant": "{name} 已結束此對話。有需要隨時再找我們。",
        "zh-Hans": "{name} 已结束此对话。有需要随时再联系我们。",
        "pt": "{name} encerrou esta conversa. Escreva-nos sempre que precisar.",
    },
    "ask_rating": {
        "en": "How did we do? Please rate from 1 (poor) to 5 (excellent).",
        "zh-Hant": "這次服務如何？請給 1（差）至 5（很好）分。",
        "zh-Hans": "这次服务如何？请打 1（差）到 5（很好）分。",
        "pt": "Como correu? Avalie de 1 (mau) a 5 (excelente).",
    },
    "bot_failed": {
        "en": "Sorry, something went wrong on our side. A colleague will take over and can already see the whole conversation.",
        "zh-Hant": "抱歉，系統出了點問題。同事會接手處理，並已能看到整段對話。",
        "zh-Hans": "抱歉，系统出了点问题。同事会接手处理，并已能看到整段对话。",
        "pt": "Pedimos desculpa, algo falhou do nosso lado. Um colega vai continuar e já vê toda a conversa.",
    },
    "anonymous": {"en": "Visitor", "zh-Hant": "訪客", "zh-Hans": "访客", "pt": "Visitante"},
}


def phrase(key: str, language: str | None, **values: Any) -> str:
    """The sentence in `language`, else in English. Raises KeyError for an unknown key."""
    variants = PHRASES[key]
    return variants.get(language or "en", variants["en"]).format(**values)
