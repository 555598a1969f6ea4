"""Names for what is imported: ids of articles from titles and addresses, and languages from tags."""

from __future__ import annotations

import hashlib
import re
import unicodedata

_TAGS = {
    "en": "en", "pt": "pt", "zh-hant": "zh-Hant", "zh-tw": "zh-Hant", "zh-hk": "zh-Hant", "zh-mo": "zh-Hant", "yue": "zh-Hant",
    "zh-hans": "zh-Hans", "zh-cn": "zh-Hans", "zh-sg": "zh-Hans", "zh-my": "zh-Hans",
}  # fmt: skip
LONGEST = 80


def language_of_tag(tag: str) -> str | None:
    """The language of articles for a BCP 47 tag such as pt-BR or zh_TW; empty for `zh` alone or no tag, None for one that Baton has not."""
    plain = tag.strip().lower().replace("_", "-")
    if plain in {"", "zh", "x-default", "und"}:
        return ""
    parts = plain.split("-")
    for length in range(len(parts), 0, -1):
        found = _TAGS.get("-".join(parts[:length]))
        if found:
            return found
    return "" if parts[0] == "zh" else None


def slug(text: str) -> str:
    """`text` as small letters, digits and dashes, cut at a word; empty when nothing of it can be written so (Chinese)."""
    letters = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’]", "", letters)).strip("-")
    return name if len(name) <= LONGEST else name[:LONGEST].rsplit("-", 1)[0].strip("-")


def short_hash(text: str) -> str:
    """Eight characters that stand for `text`."""
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=4).hexdigest()


def id_from(*texts: str, key: str, kind: str) -> str:
    """An id for an article from the first of `texts` (title, address) that gives one; from its `key` when none does: faq-1f2e3d4c."""
    for text in texts:
        name = slug(text)
        most_lost = sum(c.isalnum() for c in text) > 2 * len(name)  # "保養 FAQ" would become "faq"
        if len(name) > 1 and not most_lost:
            return name
    return f"{kind}-{short_hash(key)}"
