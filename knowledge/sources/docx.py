"""Word documents, with headings, lists, tables and links (mammoth reads them; what it makes is HTML, which is then cleaned)."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import mammoth

from knowledge.sources.archive import check_office
from knowledge.sources.html import enclose, to_markdown
from knowledge.sources.names import id_from
from knowledge.sources.parts import as_articles, document_item
from knowledge.sources.types import LIMITS, Document, Enclosed, Options, Reading, UnreadableError, skip

_STYLES = """
p[style-name='Title'] => h1:fresh
p[style-name='Subtitle'] => p:fresh
""" + "\n".join(f"p[style-name='Heading {level}'] => h{min(level + 1, 6)}:fresh" for level in range(1, 7))

_PICTURES = {"image/png": "png", "image/jpeg": "jpg", "image/jpg": "jpg", "image/gif": "gif", "image/webp": "webp"}


def parse(document: Document, options: Options) -> Reading:
    """A .docx file as one article, with its pictures; as several when it is longer than an article may be."""
    check_office(document.data)
    enclosed: list[Enclosed] = []
    key = document.url or document.name
    stem = document.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    try:
        pictures = mammoth.images.img_element(_taken(enclosed))
        made = mammoth.convert_to_html(io.BytesIO(document.data), style_map=_STYLES, convert_image=pictures)
    except Exception as error:  # mammoth raises whatever its parts raise on a damaged file
        raise UnreadableError(f"It is damaged or not a Word document: {type(error).__name__}") from None
    body = _with_header_rows(to_markdown(str(made.value), enclosed=enclosed))
    lead = re.match(r"(#{1,2}) (.+)\n*", body)
    if lead and (lead[1] == "#" or len(re.findall(r"(?m)^## ", body)) == 1):
        title, body = lead[2].strip(), body[lead.end() :]
    else:
        title = stem
    if not body.strip():
        return skip(key, "There is no text in it")
    item = document_item(
        document.name, title=title, body=body, wanted=id_from(stem, title, key=key, kind="docx"), options=options, url=document.url
    )
    return replace(as_articles(item), enclosed=tuple(enclosed))


def _taken(enclosed: list[Enclosed]) -> Callable[[Any], dict[str, str]]:
    """What mammoth asks for each picture. Kinds that articles cannot show (EMF, TIFF) are left out, and what is beyond the limits."""

    def take(image: Any) -> dict[str, str]:
        ending = _PICTURES.get(str(image.content_type or "").lower())
        if ending is None or len(enclosed) >= LIMITS.item_files or sum(len(one.data) for one in enclosed) > LIMITS.item_bytes:
            return {"src": ""}
        with image.open() as opened:
            data = bytes(opened.read(LIMITS.file_bytes))
        return {"src": enclose(enclosed, data, ending) if data else ""}

    return take


def _with_header_rows(body: str) -> str:
    """Paragraphs in the cells of Word's tables become spaces, not lines."""
    return re.sub(r"(?m)^(\|.*)$", lambda row: re.sub(r" {2,}", " ", row[1]), body)
