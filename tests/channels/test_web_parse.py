"""What a widget sends and sees."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from channels.web.parse import MessageRequest, PageContext, known_language, parse


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en-GB", "en"), ("pt-BR", "pt"), ("zh-TW", "zh-Hant"), ("zh-HK", "zh-Hant"), ("zh-CN", "zh-Hans"),
     ("zh-Hans", "zh-Hans"), ("zh", "zh-Hant"), ("fr", None), ("", None), (None, None)],
)  # fmt: skip
def test_a_browser_s_language_becomes_one_of_ours(tag: str | None, language: str | None) -> None:
    assert known_language(tag) == language


def test_two_visitors_with_the_same_client_id_do_not_meet() -> None:
    request = MessageRequest(client_id="abcdefgh", text="hi")
    assert parse(request, visitor="a").external_id != parse(request, visitor="b").external_id


def test_the_page_s_title_comes_without_what_cannot_be_shown_and_its_address_without_what_may_be_personal() -> None:
    page = PageContext(url="https://shop.example/tea?member=7#top", title=" Tea\x00 and cups ")
    said = parse(MessageRequest(client_id="abcdefgh", text="hi", page=page), visitor="a").metadata["page"]
    assert (said["url"], said["title"]) == ("https://shop.example/tea", "Tea and cups")


def test_an_overlong_title_is_refused() -> None:
    with pytest.raises(ValidationError):
        PageContext(url="https://shop.example/", title="a" * 301)


@pytest.mark.parametrize("body", [{"client_id": "short", "text": "x"}, {"client_id": "a b c d e f", "text": "x"}, {"client_id": "abcdefgh"},
                                  {"client_id": "abcdefgh", "text": "x", "admin": True}])  # fmt: skip
def test_a_malformed_message_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MessageRequest.model_validate(body)
