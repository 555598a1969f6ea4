"""The titles of the invented shop's article categories."""

from __future__ import annotations

from knowledge.categories import Category

_TITLES = {
    "orders": ("Orders", "訂單", "Encomendas"),
    "delivery": ("Delivery", "送貨", "Entregas"),
    "returns": ("Returns and refunds", "退換及退款", "Devoluções e reembolsos"),
    "payment": ("Payment", "付款", "Pagamento"),
    "products": ("Products", "產品", "Produtos"),
    "gifts": ("Gifts", "送禮", "Presentes"),
    "account": ("Your account", "你的帳戶", "A sua conta"),
    "stores": ("Our stores", "門市", "As nossas lojas"),
    "about": ("About us", "關於我們", "Sobre nós"),
}


def sample_categories() -> list[Category]:
    """The categories in their order; Simplified Chinese is made of Traditional."""
    return [
        Category(name, {"en": english, "zh-Hant": chinese, "pt": portuguese}, place=place)
        for place, (name, (english, chinese, portuguese)) in enumerate(_TITLES.items())
    ]
