"""What a widget sends and sees."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from channels.web.parse import MessageRequest, known_language, parse


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


@pytest.mark.parametrize("body", [{"client_id": "short", "text": "x"}, {"client_id": "a b c d e f", "text": "x"}, {"client_id": "abcdefgh"},
                                  {"client_id": "abcdefgh", "text": "x", "admin": True}])  # fmt: skip
def test_a_malformed_message_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        MessageRequest.model_validate(body)
