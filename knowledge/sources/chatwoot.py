"""Chatwoot's help centre, in the shape of its API: `GET /api/v1/accounts/{id}/portals/{slug}/articles` gives `payload` and `meta`.

A file may hold one page, several in a list, or an object with `articles` and `categories`. Bodies are Markdown already. A translation
names the article that it belongs to in `associated_article_id`.
"""

from __future__ import annotations

from dataclasses import replace

from knowledge.sources.html import to_markdown
from knowledge.sources.json_pages import Json, by_id, objects, read_pages, text_of
from knowledge.sources.names import id_from, language_of_tag
from knowledge.sources.parts import as_articles
from knowledge.sources.types import Document, Enclosed, Options, Reading, SourceItem, joined, skip

_STATUS = {"published": "", "1": "", "": "", "draft": "draft", "0": "draft"}


def looks_like(pages: list[Json]) -> bool:
    """Whether these are Chatwoot's articles."""
    return any("content" in one and "title" in one for one in objects(pages, "payload", "articles"))


def parse(document: Document, options: Options) -> Reading:
    """An export in a file."""
    pages = read_pages(document, options.encoding)
    categories = by_id(objects(pages, "categories"))
    articles = [one for one in objects(pages, "payload", "articles") if "content" in one or "title" in one]
    known = by_id(iter(articles))
    articles.sort(key=lambda one: bool(text_of(one.get("associated_article_id"))))
    found = [_article(one, known, categories, options) for one in articles]
    return joined(found) if found else skip(document.name, "There are no articles in it")


def _article(article: Json, known: dict[str, Json], categories: dict[str, Json], options: Options) -> Reading:
    number, title = text_of(article.get("id")), text_of(article.get("title"))
    embedded = article.get("category")
    category = embedded if isinstance(embedded, dict) else {}
    category = categories.get(text_of(article.get("category_id")) or text_of(category.get("id")), category)
    locale = text_of(article.get("locale")) or text_of(category.get("locale"))
    key, language, status = f"{number}/{locale}", language_of_tag(locale), text_of(article.get("status"))
    if status not in _STATUS:
        return skip(key, f"It is {'archived' if status == '2' else status} in Chatwoot")
    if language is None:
        return skip(key, f"{locale!r} is not a language of articles")
    enclosed: list[Enclosed] = []
    body = _body(str(article.get("content") or ""), enclosed)
    if not number or not title or not body:
        return skip(key, "It has no title" if not title else "It has no text" if number else "It has no id")
    root = text_of(article.get("associated_article_id")) or number
    first = known.get(root, article)
    wanted = id_from(text_of(first.get("title")) or title, key=f"chatwoot:{root}", kind="chatwoot")
    item = SourceItem(
        key, f"chatwoot:{root}", wanted, title, body, language, text_of(category.get("name")) or options.category, _tags(article),
        options.audience, status=_STATUS[status],
    )  # fmt: skip
    return replace(as_articles(item), enclosed=tuple(enclosed))


def _body(content: str, enclosed: list[Enclosed]) -> str:
    text = content.replace("\r\n", "\n").strip()
    return to_markdown(text, enclosed=enclosed) if text.startswith("<") and text.endswith(">") else text


def _tags(article: Json) -> tuple[str, ...]:
    meta = article.get("meta")
    tags = meta.get("tags") if isinstance(meta, dict) else None
    return tuple(text_of(tag) for tag in tags if text_of(tag)) if isinstance(tags, list) else ()
