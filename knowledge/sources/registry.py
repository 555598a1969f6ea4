"""Every kind of document and how it is known. A new kind is one file and one line here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib import import_module

from knowledge.sources.types import Document, Options, Reading, UnreadableError, skip

Parse = Callable[[Document, Options], Reading]


@dataclass(frozen=True)
class Kind:
    """A kind of document: endings of file names, media types, and the function that parses it, as module:name (imported when needed)."""

    name: str
    endings: tuple[str, ...]
    types: tuple[str, ...]
    parser: str

    def load(self) -> Parse:
        """The function that parses it."""
        module, _, name = self.parser.partition(":")
        found: Parse = getattr(import_module(f"knowledge.sources.{module}"), name)
        return found


KINDS = (
    Kind("markdown", (".md", ".markdown", ".mdx"), ("text/markdown",), "markdown:parse"),
    Kind("html", (".html", ".htm", ".xhtml"), ("text/html", "application/xhtml+xml"), "html:parse"),
    Kind("pdf", (".pdf",), ("application/pdf",), "pdf:parse"),
    Kind("docx", (".docx",), ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",), "docx:parse"),
    Kind("csv", (".csv", ".tsv"), ("text/csv", "text/tab-separated-values"), "faq:parse_csv"),
    Kind("xlsx", (".xlsx", ".xlsm"), ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",), "faq:parse_xlsx"),
    Kind("zendesk", (), (), "zendesk:parse"),
    Kind("chatwoot", (), (), "chatwoot:parse"),
)
BY_NAME = {kind.name: kind for kind in KINDS}
ENDINGS = {ending: kind for kind in KINDS for ending in kind.endings}
READABLE = frozenset({*ENDINGS, ".json", ".jsonl", ".zip", ".txt"})
_FOREIGN = {
    b"\xd0\xcf\x11\xe0": "It is an old Word or Excel file: save it as .docx or .xlsx",
    b"{\\rtf": "It is an RTF file: save it as .docx",
    b"\x89PNG": "It is a picture", b"\xff\xd8\xff": "It is a picture", b"GIF8": "It is a picture",
    b"PK\x05\x06": "It is an empty archive", b"\x1f\x8b": "It is a gzip file: unpack it first", b"\x7fELF": "It is a program",
}  # fmt: skip


def parse(document: Document, options: Options, kind: str = "") -> Reading:
    """Reads one document by what it holds, whatever its name says. Raises UnreadableError and other InvalidInputErrors."""
    if not document.data.strip(b" \t\r\n\0"):
        return skip(document.url or document.name, "It is empty")
    known = BY_NAME[kind] if kind else recognise(document)
    reading = known.load()(document, options)
    ending = ENDINGS.get(_ending(document.name))
    if ending is None or ending.name == known.name or document.url:
        return reading
    note = f"Its name says {_ending(document.name)}, but it is {known.name}."
    return replace(reading, items=tuple(replace(item, notes=(*item.notes, note)) for item in reading.items))


def recognise(document: Document, media_type: str = "") -> Kind:
    """The kind of a document: by its first bytes, then by its name and media type. Raises UnreadableError when it is none."""
    head = document.data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"%PDF") or b"%PDF-" in document.data[:1024]:
        return BY_NAME["pdf"]
    if document.data.startswith(b"PK\x03\x04"):
        return _office(document)
    for magic, said in _FOREIGN.items():
        if document.data.startswith(magic):
            raise UnreadableError(said)
    ending = _ending(document.name)
    if head[:1] in (b"{", b"[") and ending not in {".md", ".csv", ".txt"}:
        return _help_centre(document)
    if head[:200].lower().startswith((b"<!doctype html", b"<html")) and ending != ".md":
        return BY_NAME["html"]
    named = ENDINGS.get(ending) or next((kind for kind in KINDS if media_type in kind.types), None)
    if named is not None and named.name not in {"pdf", "docx", "xlsx"}:
        return named
    if named is not None:
        raise UnreadableError(f"Its name says {ending or named.name}, but it is not one")
    if ending == ".txt":
        return BY_NAME["markdown"]
    raise UnreadableError("It is none of the kinds that can be imported", hint=f"Known are {', '.join(sorted(READABLE))}.")


def _office(document: Document) -> Kind:
    from knowledge.sources.archive import open_archive

    names = set(open_archive(document.data).namelist())
    if "word/document.xml" in names:
        return BY_NAME["docx"]
    if "xl/workbook.xml" in names:
        return BY_NAME["xlsx"]
    raise UnreadableError(
        "It is an archive inside an archive" if _ending(document.name) == ".zip" else "It is damaged, or of an unknown kind"
    )


def _help_centre(document: Document) -> Kind:
    from knowledge.sources import chatwoot, zendesk
    from knowledge.sources.json_pages import read_pages

    pages = read_pages(document)
    for module, name in ((zendesk, "zendesk"), (chatwoot, "chatwoot")):
        if module.looks_like(pages):
            return BY_NAME[name]
    raise UnreadableError(
        "It is JSON, but has no articles of Zendesk or Chatwoot", hint="See docs/howto/import-articles.md for their shape."
    )


def _ending(name: str) -> str:
    base = name.rsplit("/", 1)[-1].lower()
    return "." + base.rsplit(".", 1)[1] if "." in base else ""
