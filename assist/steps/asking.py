"""The questions that close what an action lacks, in the languages of the house."""

from __future__ import annotations

from collections.abc import Mapping

QUESTIONS: Mapping[str, Mapping[str, str]] = {
    "order_number": {
        "en": "Which order is it about? The number begins with the letters in your confirmation.",
        "zh-Hant": "請問是哪一張訂單？號碼可在確認電郵中找到。",
        "zh-Hans": "请问是哪一张订单？号码可在确认邮件中找到。",
        "pt": "De que encomenda se trata? O número está na confirmação.",
    },
    "item": {
        "en": "Which item of the order would you like to send back?",
        "zh-Hant": "請問想退回訂單中的哪一件？",
        "zh-Hans": "请问想退回订单中的哪一件？",
        "pt": "Que artigo da encomenda quer devolver?",
    },
    "reason": {
        "en": "Why would you like to send it back?",
        "zh-Hant": "請問退回的原因是甚麼？",
        "zh-Hans": "请问退回的原因是什么？",
        "pt": "Por que motivo o quer devolver?",
    },
    "wish": {
        "en": "Would you like a refund, or another one in exchange?",
        "zh-Hant": "你想退款，還是換貨？",
        "zh-Hans": "您想退款，还是换货？",
        "pt": "Prefere o reembolso ou a troca?",
    },
    "line": {
        "en": "What is the new street, number and floor?",
        "zh-Hant": "請問新地址的街道、門牌和樓層是？",
        "zh-Hans": "请问新地址的街道、门牌和楼层是？",
        "pt": "Qual é a nova rua, número e andar?",
    },
    "city": {
        "en": "And in which town is that?",
        "zh-Hant": "請問是哪一個城市？",
        "zh-Hans": "请问是哪一个城市？",
        "pt": "E em que localidade fica?",
    },
    "problem": {
        "en": "What is wrong: is it late, lost, damaged, the wrong thing, or is something missing?",
        "zh-Hant": "請問是甚麼問題：延誤、遺失、損壞、送錯，還是缺件？",
        "zh-Hans": "请问是什么问题：延误、丢失、损坏、送错，还是缺件？",
        "pt": "O que se passa: está atrasada, perdida, danificada, trocada ou falta alguma coisa?",
    },
}
