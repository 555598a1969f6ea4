"""What the help centre says of itself, in four languages."""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("en", "zh-Hant", "zh-Hans", "pt")
OWN_NAMES = {"en": "English", "zh-Hant": "繁體中文", "zh-Hans": "简体中文", "pt": "Português"}
_WORDS: dict[str, tuple[str, str, str, str]] = {
    "help": ("Help centre", "說明中心", "帮助中心", "Centro de ajuda"),
    "description": (
        "Answers about orders, delivery, returns and everything else at {shop}.",
        "{shop} 的訂單、送貨、退換及其他問題解答。",
        "{shop} 的订单、配送、退换货及其他问题解答。",
        "Respostas sobre encomendas, entregas, devoluções e tudo o resto na {shop}.",
    ),
    "skip": ("Skip to content", "跳至內容", "跳到内容", "Ir para o conteúdo"),
    "search": ("Search", "搜尋", "搜索", "Pesquisar"),
    "search_label": ("Search the help centre", "搜尋說明中心", "搜索帮助中心", "Pesquisar no centro de ajuda"),
    "search_hint": ("Ask in your own words", "用你自己的說法提問", "用你自己的话提问", "Pergunte por palavras suas"),
    "hero": ("How can we help?", "有甚麼可以幫你？", "有什么可以帮你？", "Como podemos ajudar?"),
    "found": ("{n} results for “{q}”", "「{q}」有 {n} 項結果", "“{q}”有 {n} 条结果", "{n} resultados para «{q}»"),
    "found_one": ("1 result for “{q}”", "「{q}」有 1 項結果", "“{q}”有 1 条结果", "1 resultado para «{q}»"),
    "found_none": (
        "Nothing was found for “{q}”. Try other words, or ask in the chat.",
        "找不到「{q}」的結果。請換個說法，或在對話中提問。",
        "找不到“{q}”的结果。请换个说法，或在对话中提问。",
        "Nada foi encontrado para «{q}». Tente outras palavras ou pergunte no chat.",
    ),
    "suggestions": ("{n} articles found", "找到 {n} 篇文章", "找到 {n} 篇文章", "{n} artigos encontrados"),
    "answer": ("Answer", "答案", "答案", "Resposta"),
    "source": ("From", "來自", "来自", "Fonte"),
    "all_of": ("All {n} articles", "全部 {n} 篇文章", "全部 {n} 篇文章", "Todos os {n} artigos"),
    "count": ("{n} articles", "{n} 篇文章", "{n} 篇文章", "{n} artigos"),
    "count_one": ("1 article", "1 篇文章", "1 篇文章", "1 artigo"),
    "other": ("More", "其他", "其他", "Outros"),
    "related": ("In the same category", "同類文章", "同类文章", "Na mesma categoria"),
    "path": ("You are here", "你在這裡", "你在这里", "Está aqui"),
    "languages": ("Language", "語言", "语言", "Idioma"),
    "updated": ("Updated {date}", "更新於 {date}", "更新于 {date}", "Atualizado em {date}"),
    "other_language": (
        "This article is not available in this language yet. Here it is in {name}.",
        "這篇文章暫時沒有這個語言的版本，以下是{name}版本。",
        "这篇文章暂时没有这个语言的版本，以下是{name}版本。",
        "Este artigo ainda não existe neste idioma. Aqui está em {name}.",
    ),
    "helpful": ("Was this helpful?", "這篇文章有幫助嗎？", "这篇文章有帮助吗？", "Este artigo foi útil?"),
    "yes": ("Yes", "有", "有", "Sim"),
    "no": ("No", "沒有", "没有", "Não"),
    "thanks": ("Thank you for telling us.", "謝謝你的意見。", "谢谢你的意见。", "Obrigado por nos dizer."),
    "thanks_comment": (
        "Thank you, your comment has been sent.",
        "謝謝，意見已送出。",
        "谢谢，意见已送出。",
        "Obrigado, o comentário foi enviado.",
    ),
    "comment": (
        "What can we do better? (optional; please leave out personal data)",
        "我們可以怎樣改善？（選填，請勿填寫個人資料）",
        "我们可以怎样改进？（选填，请勿填写个人信息）",
        "O que podemos melhorar? (opcional; sem dados pessoais, por favor)",
    ),
    "send": ("Send", "送出", "发送", "Enviar"),
    "failed": (
        "That did not work. Please try again in a moment.",
        "未能送出，請稍後再試。",
        "未能发送，请稍后再试。",
        "Não resultou. Tente de novo daqui a pouco.",
    ),
    "missing": ("This page is not here", "找不到這個頁面", "找不到这个页面", "Esta página não existe"),
    "missing_hint": (
        "It may have been renamed or taken back. Search for it, or start from the first page.",
        "它可能已改名或移除。請搜尋，或由首頁開始。",
        "它可能已改名或移除。请搜索，或从首页开始。",
        "Pode ter mudado de nome ou sido retirada. Pesquise, ou comece pela primeira página.",
    ),
    "busy": ("Too many searches", "搜尋次數太多", "搜索次数太多", "Demasiadas pesquisas"),
    "busy_hint": ("Please wait a few seconds.", "請稍等幾秒。", "请稍等几秒。", "Aguarde alguns segundos."),
    "none_yet": ("There are no articles yet.", "暫時沒有文章。", "暂时没有文章。", "Ainda não há artigos."),
    "table": ("Table", "表格", "表格", "Tabela"),
    "shop": ("Back to {shop}", "返回 {shop}", "返回 {shop}", "Voltar a {shop}"),
    "previous": ("Previous", "上一頁", "上一页", "Anterior"),
    "next": ("Next", "下一頁", "下一页", "Seguinte"),
    "page": ("Page {n} of {m}", "第 {n} 頁，共 {m} 頁", "第 {n} 页，共 {m} 页", "Página {n} de {m}"),
}  # fmt: skip


def words(language: str) -> Mapping[str, str]:
    """Every word by its name, in that language."""
    place = LANGUAGES.index(language)
    return {name: said[place] for name, said in _WORDS.items()}
