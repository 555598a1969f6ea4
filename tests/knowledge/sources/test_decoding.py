"""Text in the encodings that customers' files come in."""

from __future__ import annotations

import pytest

from knowledge.sources.decoding import decode
from knowledge.sources.registry import parse
from knowledge.sources.types import Document, Options, UnreadableError

TRADITIONAL = "問題,答案\n如何退貨？,收貨後三十天內可以退貨，請聯絡我們。\n送貨要多久？,澳門一至兩天。\n"
CANTONESE = TRADITIONAL + "啲嘢喺邊度？,喺舖頭嗰度。\n"
SIMPLIFIED = "问题,答案\n如何退货？,收货后三十天内可以退货，请联系我们。\n"
PORTUGUESE = "Pergunta;Resposta\nComo devolvo?;Tem 30 dias após a recepção — “grátis” acima de 300 €.\nNão é possível?;É.\n"


@pytest.mark.parametrize(
    ("text", "encoding", "note"),
    [
        (TRADITIONAL, "big5", "Read as Big5."),
        (CANTONESE, "big5hkscs", "Read as Big5-HKSCS."),
        (SIMPLIFIED, "gb18030", "Read as GB18030."),
        (PORTUGUESE, "cp1252", "Read as Windows-1252."),
        (PORTUGUESE, "utf-16", "Read as UTF-16."),
        (PORTUGUESE, "utf-16-be", "Read as UTF-16."),
        ("Question,Answer\nReturn 退貨?,30 天\n", "big5", "Read as Big5."),
        ("Question,Answer\nReturn 退货?,30 天\n", "gb18030", "Read as GB18030."),
        ("Pergunta,Resposta\nSão?,Não\n", "cp1252", "Read as Windows-1252."),
        ("Question,Answer\nCafé,€5\n", "cp1252", "Read as Windows-1252."),
        (TRADITIONAL, "utf-8", ""),
        (TRADITIONAL, "utf-8-sig", ""),
    ],
)
def test_the_encoding_is_found_and_said(text: str, encoding: str, note: str) -> None:
    assert decode(text.encode(encoding)) == (text, note)


def test_a_list_in_big5_is_read_and_says_so_of_each_item() -> None:
    items = parse(Document("faq.csv", TRADITIONAL.encode("big5")), Options()).items
    assert [item.title for item in items] == ["如何退貨？", "送貨要多久？"]
    assert items[0].notes == ("Read as Big5.",)


def test_an_encoding_can_be_named() -> None:
    assert decode(SIMPLIFIED.encode("gbk"), "gbk") == (SIMPLIFIED, "")


@pytest.mark.parametrize(
    ("data", "encoding"), [(b"\xff\xfe\xff", ""), (bytes(range(256)) * 8, ""), (b"abc", "klingon"), (b"\xff", "utf-8"), (b"aa", "base64")]
)
def test_what_is_no_text_is_refused(data: bytes, encoding: str) -> None:
    with pytest.raises(UnreadableError):
        decode(data, encoding)
