"""Makes of a message what a channel can show. Rich messages degrade: buttons become a list, a list becomes numbered text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from channels.base import Capabilities, Choice, File, Part, Unit
from channels.choices import reference
from context.types import Citation, Content

SIZES: Mapping[Unit, Callable[[str], int]] = {
    Unit.CHARACTERS: len,
    Unit.UTF16: lambda text: len(text.encode("utf-16-le")) // 2,
    Unit.BYTES: lambda text: len(text.encode()),
}


def size(text: str, unit: Unit) -> int:
    """How long a text is for a provider that counts in `unit`."""
    return SIZES[unit](text)


def render(
    content: Content,
    capabilities: Capabilities,
    *,
    message_id: UUID,
    files: Sequence[File] = (),
    specials: frozenset[str] = frozenset(),
) -> tuple[Part, ...]:
    """The parts to send, in order; each fits. The same content gives the same parts. Buttons go with the last part."""
    special = {key: value for key, value in content.custom.items() if key in specials}
    if special:
        return (Part(content.text, special=special),)
    choices = tuple(Choice(b.title, reference(message_id, i)) for i, b in enumerate(content.buttons))
    text = with_citations(content, capabilities)
    buttons, rows = _placed(choices, capabilities)
    if choices and not (buttons or rows):
        text = numbered(text, choices)
    texts = split(text, capabilities.text_max, capabilities.text_unit) if text.strip() else [""]
    if capabilities.files_together and all(takes(capabilities, "document", f) for f in files) and files and len(texts) == 1 and not rows:
        return (Part(texts[0], buttons=buttons, file=files[0], more=tuple(files[1:])),)
    parts = _file_parts(files, capabilities)
    captioned = parts and parts[-1].file is not None and not choices and len(texts) == 1
    if captioned and size(texts[0], capabilities.text_unit) <= capabilities.caption_max:
        return (*parts[:-1], Part(texts[0], file=parts[-1].file))
    words = [Part(t) for t in texts if t] or ([] if parts else [Part(content.text)])
    if words and buttons and capabilities.button_text_max and size(words[-1].text, capabilities.text_unit) > capabilities.button_text_max:
        words.append(Part("", buttons=buttons))
    elif words:
        words[-1] = Part(words[-1].text, buttons=buttons, rows=rows)
    return (*parts, *words)


def with_citations(content: Content, capabilities: Capabilities) -> str:
    """The text, with the addresses of its sources below where the channel has no links of its own."""
    if capabilities.links or not content.citations:
        return content.text
    lines = [_source(c) for c in content.citations if c.url]
    return "\n\n".join(p for p in (content.text, "\n".join(dict.fromkeys(lines))) if p)


def _source(citation: Citation) -> str:
    return f"{citation.title}: {citation.url}" if citation.title else citation.url


def numbered(text: str, choices: Sequence[Choice]) -> str:
    """The text with its options as numbered lines; `channels/choices.py` knows the number that comes back."""
    lines = [f"{number}. {choice.title}" for number, choice in enumerate(choices, 1)]
    return "\n".join([text, "", *lines])


def _placed(choices: Sequence[Choice], capabilities: Capabilities) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """The choices as buttons, or as rows, or neither. A title that does not fit a button may fit a row, or is cut there and said whole."""
    unit = capabilities.text_unit
    fits = all(size(c.title, Unit.CHARACTERS) <= capabilities.button_title_max for c in choices)
    if choices and len(choices) <= capabilities.buttons and fits and _distinct(choices):
        return tuple(choices), ()
    if choices and len(choices) <= capabilities.rows:
        rows = tuple(_row(c, capabilities) for c in choices)
        return ((), rows) if _distinct(rows) else ((), ())
    if choices and len(choices) <= capabilities.buttons:
        cut = tuple(Choice(shorten(c.title, capabilities.button_title_max, unit), c.reference) for c in choices)
        return (cut, ()) if _distinct(cut) else ((), ())
    return (), ()


def _distinct(choices: Sequence[Choice]) -> bool:
    return len({c.title for c in choices}) == len(choices)


def _row(choice: Choice, capabilities: Capabilities) -> Choice:
    title = shorten(choice.title, capabilities.row_title_max, Unit.CHARACTERS)
    rest = choice.description or (choice.title if title != choice.title else "")
    return Choice(title, choice.reference, shorten(rest, 72, Unit.CHARACTERS))


def shorten(text: str, limit: int, unit: Unit) -> str:
    """The text cut to `limit`, with an ellipsis where something is missing."""
    if size(text, unit) <= limit:
        return text
    kept = text
    while kept and size(kept + "…", unit) > limit:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def _file_parts(files: Sequence[File], capabilities: Capabilities) -> list[Part]:
    """Files that the channel takes, one a part; a file of a kind that it does not take goes as a document where it takes those."""
    parts = []
    for file in files:
        kind = file.kind if takes(capabilities, file.kind, file) else "document"
        if takes(capabilities, kind, file):
            parts.append(Part("", file=replace(file, kind=kind)))
        else:
            parts.append(Part(f"[{file.name}]"))
    return parts


def takes(capabilities: Capabilities, kind: str, file: File) -> bool:
    """Whether the channel takes a file as `kind`."""
    rule = capabilities.media.get(kind)
    if rule is None or len(file.data) > rule.max_bytes:
        return False
    return any(t == file.type or t == "*/*" or (t.endswith("/*") and file.type.startswith(t[:-1])) for t in rule.types)


def split(text: str, limit: int, unit: Unit) -> list[str]:
    """The text in pieces of at most `limit`, cut at paragraphs, else lines, else sentences, else spaces, else anywhere."""
    pieces = []
    while size(text, unit) > limit:
        cut = _cut(text, limit, unit)
        pieces.append(text[:cut].rstrip())
        text = text[cut:].lstrip()
    return [*pieces, text] if text else pieces


def _cut(text: str, limit: int, unit: Unit) -> int:
    most = min(len(text), limit)
    while size(text[:most], unit) > limit:
        most -= 1
    for mark in ("\n\n", "\n", ". ", "。", "! ", "? ", "！", "？", " "):
        found = text.rfind(mark, 0, most)
        if found > most // 3:
            return found + len(mark)
    return most
