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
    "abandoned": {
        "en": "We are sorry that nobody could answer in time. This conversation is closed; write again whenever you like, and we go on.",
        "zh-Hant": "很抱歉未能及時回覆。此對話已結束，隨時再留言給我們，我們會繼續跟進。",
        "zh-Hans": "很抱歉未能及时回复。此对话已结束，随时再给我们留言，我们会继续跟进。",
        "pt": "Lamentamos que ninguém tenha podido responder a tempo. Esta conversa foi encerrada; escreva quando quiser e continuamos.",
    },
    "queue_first": {
        "en": "You are first in the queue.",
        "zh-Hant": "你是隊列中的第一位。",
        "zh-Hans": "您是队列中的第一位。",
        "pt": "É o primeiro na fila.",
    },
    "queue_place": {
        "en": "You are number {place} in the queue.",
        "zh-Hant": "你在隊列中排第 {place} 位。",
        "zh-Hans": "您在队列中排第 {place} 位。",
        "pt": "É o número {place} na fila.",
    },
    "queue_first_now": {
        "en": "You are now first in the queue.",
        "zh-Hant": "你現在是隊列中的第一位。",
        "zh-Hans": "您现在是队列中的第一位。",
        "pt": "Agora é o primeiro na fila.",
    },
    "queue_place_now": {
        "en": "You are now number {place} in the queue.",
        "zh-Hant": "你現在排第 {place} 位。",
        "zh-Hans": "您现在排第 {place} 位。",
        "pt": "Agora é o número {place} na fila.",
    },
    "wait_minute": {
        "en": "The wait is about a minute.",
        "zh-Hant": "預計等候約一分鐘。",
        "zh-Hans": "预计等候约一分钟。",
        "pt": "A espera é de cerca de um minuto.",
    },
    "wait_minutes": {
        "en": "The wait is about {minutes} minutes.",
        "zh-Hant": "預計等候約 {minutes} 分鐘。",
        "zh-Hans": "预计等候约 {minutes} 分钟。",
        "pt": "A espera é de cerca de {minutes} minutos.",
    },
    "wait_long": {
        "en": "The wait is more than an hour.",
        "zh-Hant": "預計等候超過一小時。",
        "zh-Hans": "预计等候超过一小时。",
        "pt": "A espera é de mais de uma hora.",
    },
    "closed_until": {
        "en": "Our team is not here now and is back on {day} at {time}.",
        "zh-Hant": "我們的團隊現在不在，將於{day} {time} 回來。",
        "zh-Hans": "我们的团队现在不在，将于{day} {time} 回来。",
        "pt": "A nossa equipa não está disponível agora e volta {day} às {time}.",
    },
    "closed": {
        "en": "Our team is not here now.",
        "zh-Hant": "我們的團隊現在不在。",
        "zh-Hans": "我们的团队现在不在。",
        "pt": "A nossa equipa não está disponível agora.",
    },
    "offer_meanwhile": {
        "en": "Meanwhile you can ask here: what our help pages answer you get at once, and you keep your place.",
        "zh-Hant": "等候期間可以先在這裡發問：說明文章有答案的，會馬上回覆，你的位置會保留。",
        "zh-Hans": "等候期间可以先在这里提问：帮助文章有答案的，会马上回复，您的位置会保留。",
        "pt": "Entretanto pode perguntar aqui: o que as nossas páginas de ajuda respondem chega logo, e o seu lugar fica guardado.",
    },
    "while_waiting": {
        "en": "While you wait, this may help already; you keep your place:",
        "zh-Hant": "等候期間，以下資料或許已能幫到你，你的位置會保留：",
        "zh-Hans": "等候期间，以下内容也许已能帮到您，您的位置会保留：",
        "pt": "Enquanto espera, isto talvez já ajude; o seu lugar fica guardado:",
    },
    "offer_callback": {
        "en": "If you would rather not wait, leave an e-mail address or a phone number and we will get back to you.",
        "zh-Hant": "如果不想等候，可以留下電郵地址或電話號碼，我們稍後聯絡你。",
        "zh-Hans": "如果不想等候，可以留下邮箱或电话号码，我们稍后联系您。",
        "pt": "Se preferir não esperar, deixe um e-mail ou um número de telefone e respondemos mais tarde.",
    },
    "callback_email": {
        "en": "Thank you. We will write to {address}. You can also go on here; your place in the queue is kept.",
        "zh-Hant": "謝謝。我們會寄電郵至 {address}。你也可以繼續在這裡留言，你的位置會保留。",
        "zh-Hans": "谢谢。我们会发邮件至 {address}。您也可以继续在这里留言，您的位置会保留。",
        "pt": "Obrigado. Vamos escrever para {address}. Também pode continuar aqui; o seu lugar na fila mantém-se.",
    },
    "callback_phone": {
        "en": "Thank you. We will call {address}. You can also go on here; your place in the queue is kept.",
        "zh-Hant": "謝謝。我們會致電 {address}。你也可以繼續在這裡留言，你的位置會保留。",
        "zh-Hans": "谢谢。我们会致电 {address}。您也可以继续在这里留言，您的位置会保留。",
        "pt": "Obrigado. Vamos ligar para {address}. Também pode continuar aqui; o seu lugar na fila mantém-se.",
    },
    "identity_code": {
        "en": "{code} is your code. Type it where you were asked for it; it holds for 10 minutes. If you did not ask for it, ignore this.",
        "zh-Hant": "你的驗證碼是 {code}，請在要求輸入的地方填寫，10 分鐘內有效。若非你本人要求，請忽略此訊息。",
        "zh-Hans": "您的验证码是 {code}，请在要求输入的地方填写，10 分钟内有效。若非您本人要求，请忽略此消息。",
        "pt": "{code} é o seu código. Escreva-o onde lhe foi pedido; é válido por 10 minutos. Se não o pediu, ignore esta mensagem.",
    },
    "mailed_before": {
        "en": "You have answers in the chat of {shop}:",
        "zh-Hant": "你在 {shop} 的對話有新回覆：",
        "zh-Hans": "您在 {shop} 的对话有新回复：",
        "pt": "Tem respostas na conversa com {shop}:",
    },
    "mailed_after": {
        "en": "Answer this mail, or go on in the chat. This address was left there; if that was not you, ignore this mail.",
        "zh-Hant": "你可以直接回覆此電郵，或返回對話繼續。此地址是在對話中留下的；若非你本人，請忽略此電郵。",
        "zh-Hans": "您可以直接回复此邮件，或回到对话继续。此地址是在对话中留下的；若非您本人，请忽略此邮件。",
        "pt": "Responda a este e-mail ou continue na conversa. Este endereço foi deixado lá; se não foi você, ignore este e-mail.",
    },
    "mailed_bot": {"en": "Automatic assistant", "zh-Hant": "自動助理", "zh-Hans": "自动助理", "pt": "Assistente automático"},
    "anonymous": {"en": "Visitor", "zh-Hant": "訪客", "zh-Hans": "访客", "pt": "Visitante"},
}

WEEKDAYS: dict[str, tuple[str, ...]] = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "zh-Hant": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
    "zh-Hans": ("星期一", "星期二", "星期三", "星期四", "星期五", "星期六", "星期日"),
    "pt": ("na segunda-feira", "na terça-feira", "na quarta-feira", "na quinta-feira", "na sexta-feira", "no sábado", "no domingo"),
}


def phrase(key: str, language: str | None, **values: Any) -> str:
    """The sentence in `language`, else in English. Raises KeyError for an unknown key."""
    variants = PHRASES[key]
    return variants.get(language or "en", variants["en"]).format(**values)
