"""Exports of Zendesk and Chatwoot, in the shape of their APIs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from knowledge.sources.registry import parse
from knowledge.sources.types import Document, Options, Reading, UnreadableError

ZENDESK: dict[str, Any] = {
    "articles": [
        {
            "id": 360001, "url": "https://shop.zendesk.example/api/v2/help_center/en-us/articles/360001.json",
            "html_url": "https://shop.zendesk.example/hc/en-us/articles/360001-Returns", "author_id": 1, "draft": False, "promoted": False,
            "section_id": 20, "name": "How do I return a bowl?", "title": "How do I return a bowl?", "source_locale": "en-us",
            "locale": "en-us", "outdated_locales": [], "user_segment_id": None, "label_names": ["returns", "bowl"],
            "body": "<p>Within <strong>30 days</strong>. See <a href=\"/hc/en-us/articles/2\">costs</a>.</p><script>alert(1)</script>",
        },
        {"id": 360002, "section_id": 20, "title": "Staff only", "locale": "en-us", "source_locale": "en-us", "user_segment_id": 5,
         "draft": True, "body": "<p>Secret.</p>"},
        {"id": 360003, "section_id": 20, "title": "Leer", "locale": "de", "source_locale": "de", "body": "<p>Nichts.</p>"},
        {"id": 360004, "section_id": 20, "title": "Empty", "locale": "en-us", "source_locale": "en-us", "body": None},
    ],
    "sections": [{"id": 20, "category_id": 30, "name": "Sending back"}],
    "categories": [{"id": 30, "name": "Orders"}],
    "translations": [
        {"id": 1, "source_id": 360001, "source_type": "Article", "locale": "pt", "title": "Como devolvo?",
         "body": "<p>Em 30 dias.</p>", "draft": False},
        {"id": 2, "source_id": 360001, "source_type": "Article", "locale": "pt-br", "title": "Como devolver?", "body": "<p>30 dias.</p>"},
        {"id": 3, "source_id": 20, "source_type": "Section", "locale": "pt", "title": "Devoluções", "body": ""},
    ],
    "next_page": None, "count": 4,
}  # fmt: skip
CHATWOOT: dict[str, Any] = {
    "payload": [
        {
            "id": 12, "slug": "1700000000-como-devolvo", "title": "Como devolvo?", "content": "Em **30 dias**.", "description": "",
            "status": "published", "position": 20, "account_id": 1, "updated_at": 1700000000, "meta": {"tags": ["devolver"]},
            "locale": "pt",
            "associated_article_id": 11,
            "category": {"id": 3, "name": "Devoluções", "slug": "devolucoes", "locale": "pt"}, "views": 4, "associated_articles": [],
        },
        {
            "id": 11, "slug": "1700000000-returns", "title": "How do I return?", "content": "Within **30 days**.\n\n- free in store",
            "status": "published", "meta": {}, "locale": "en", "associated_article_id": None,
            "category": {"id": 2, "name": "Returns", "slug": "returns", "locale": "en"},
        },
        {"id": 13, "title": "Old", "content": "x", "status": "archived", "locale": "en", "category": {"id": 2, "name": "Returns"}},
        {"id": 14, "title": "Soon", "content": "Later.", "status": "draft", "locale": "en", "category": None},
    ],
    "meta": {"current_page": 1, "articles_count": 4, "all_articles_count": 4},
}  # fmt: skip


def read(data: Any) -> Reading:
    return parse(Document("export.json", json.dumps(data).encode()), Options())


def test_zendesk_articles_come_with_translations_labels_and_category() -> None:
    reading = read(ZENDESK)
    first, second = reading.items[:2]
    assert (first.article_id, first.language, first.category, first.tags) == ("how-do-i-return-a-bowl", "en", "Orders", ("returns", "bowl"))
    assert first.body == "Within **30 days**. See [costs](https://shop.zendesk.example/hc/en-us/articles/2)."
    assert (second.article_id, second.language, second.body, second.group) == ("how-do-i-return-a-bowl", "pt", "Em 30 dias.", first.group)


def test_zendesk_drafts_and_restricted_articles_stay_that() -> None:
    item = read(ZENDESK).items[2]
    assert (item.audience, item.status) == ("internal", "draft")
    assert "Only some people" in item.notes[0]


def test_zendesk_articles_that_cannot_be_taken_are_listed() -> None:
    assert {(one.key, one.reason) for one in read(ZENDESK).skipped} == {
        ("360001/pt-br", "pt is taken for pt"),
        ("360003/de", "'de' is not a language of articles"),
        ("360004/en-us", "It has no text"),
    }


def test_zendesk_translations_within_articles_pages_in_a_list_and_json_lines_are_the_same() -> None:
    article = ZENDESK["articles"][0] | {"translations": ZENDESK["translations"][:1]}
    page = {"articles": [article], "sections": ZENDESK["sections"], "categories": ZENDESK["categories"]}
    expected = [item for item in read(ZENDESK).items if item.group == "zendesk:360001"]
    assert list(read(page).items) == expected
    parts = [{"articles": [ZENDESK["articles"][0]]}, {name: ZENDESK[name] for name in ("sections", "categories", "translations")}]
    assert list(read(parts).items) == expected
    lines = "\n".join(json.dumps(part) for part in parts).encode()
    assert list(parse(Document("export.jsonl", lines), Options()).items) == expected


def test_chatwoot_articles_come_with_their_translations() -> None:
    items = {item.key: item for item in read(CHATWOOT).items}
    assert items["11/en"].body == "Within **30 days**.\n\n- free in store"
    assert (items["12/pt"].article_id, items["12/pt"].group) == ("how-do-i-return", items["11/en"].group)
    assert (items["12/pt"].category, items["12/pt"].tags) == ("Devoluções", ("devolver",))
    assert items["14/en"].status == "draft"
    assert [(one.key, one.reason) for one in read(CHATWOOT).skipped] == [("13/en", "It is archived in Chatwoot")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"articles": [', "Line 1"),
        ('{"a": 1}', "no articles of Zendesk or Chatwoot"),
        ("[" * 100_000, "nested too deeply"),
        ("[1, 2]", "no articles"),
    ],
)
def test_json_that_is_none_of_them_is_refused(text: str, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        parse(Document("export.json", text.encode()), Options())
