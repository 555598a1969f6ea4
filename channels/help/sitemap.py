"""The site map (sitemaps.org), in parts, and robots.txt."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape, quoteattr

from channels.help import addresses
from channels.help.catalogue import Catalogue
from knowledge.public import PublicLine

PART = 10_000
_NAMESPACES = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
_HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'


def part_count(catalogue: Catalogue) -> int:
    """In how many parts the articles are listed."""
    return max(1, -(-len(_lines(catalogue)) // PART))


def sitemap_index(catalogue: Catalogue, origin: str) -> str:
    """The list of the parts."""
    parts = "".join(f"<sitemap><loc>{escape(origin)}/help/sitemap-{n}.xml</loc></sitemap>" for n in range(1, part_count(catalogue) + 1))
    return f'{_HEAD}<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{parts}</sitemapindex>\n'


def sitemap_part(catalogue: Catalogue, origin: str, number: int) -> str:
    """One part, from 1; the first holds the first pages and the categories too."""
    entries: list[str] = []
    if number == 1:
        entries += [
            _entry(origin, addresses.home(one), {lang: addresses.home(lang) for lang in catalogue.languages}) for one in catalogue.languages
        ]
        entries += [
            _entry(origin, addresses.category(language, section.category), {})
            for language in catalogue.languages
            for section in catalogue.sections[language]
        ]
    for line in _lines(catalogue)[(number - 1) * PART : number * PART]:
        variants = {language: addresses.article(language, line.article_id) for language in catalogue.by_id[line.article_id]}
        entries.append(
            _entry(origin, addresses.article(line.language, line.article_id), variants, changed=line.changed_at.date().isoformat())
        )
    return f"{_HEAD}<urlset {_NAMESPACES}>\n{''.join(entries)}</urlset>\n"


def robots_txt(origin: str) -> str:
    """What search engines may look at."""
    closed = ("/console/", "/v1/", "/help/*/-/search", "/help/*/-/suggest")
    return "User-agent: *\n" + "".join(f"Disallow: {path}\n" for path in closed) + f"Allow: /help\n\nSitemap: {origin}/help/sitemap.xml\n"


def _lines(catalogue: Catalogue) -> Sequence[PublicLine]:
    return [line for language in catalogue.languages for section in catalogue.sections[language] for line in section.lines]


def _entry(origin: str, path: str, variants: dict[str, str], *, changed: str = "") -> str:
    links = "".join(
        f'<xhtml:link rel="alternate" hreflang={quoteattr(language)} href={quoteattr(origin + other)}/>'
        for language, other in variants.items()
    )
    when = f"<lastmod>{changed}</lastmod>" if changed else ""
    return f"<url><loc>{escape(origin + path)}</loc>{when}{links}</url>\n"
