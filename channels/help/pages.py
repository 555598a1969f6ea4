"""The pages as HTML. Pure. Jinja escapes every value; only the article's own HTML, made safe by `knowledge.markdown.render`, is not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from babel.dates import format_date
from markupsafe import Markup

from channels.help import addresses
from channels.help.catalogue import Catalogue, Section
from channels.help.structured import article_data, as_script
from channels.help.words import LANGUAGES, OWN_NAMES, words
from knowledge.markdown import plain, render
from knowledge.public import PublicArticle, PublicLine
from knowledge.types import Answer

FOLDER = Path(__file__).parent
SHORT_LIST, PER_PAGE, RELATED, DESCRIPTION = 5, 60, 5, 155
_LOCALES = {"en": "en_GB", "zh-Hant": "zh_Hant", "zh-Hans": "zh_Hans", "pt": "pt_PT"}


@dataclass(frozen=True)
class Site:
    """Whose help centre it is, and at which origin it is found."""

    shop: str
    origin: str


@dataclass(frozen=True)
class Results:
    """What the search page shows. `answer` is what the bot would say, if it is sure; None where there is nothing to ask."""

    question: str
    lines: tuple[PublicLine, ...] = ()
    answer: Answer | None = None


@cache
def assets() -> Mapping[str, tuple[str, bytes]]:
    """The static files by the name they are served under, which holds a digest of what is in them: (media type, bytes)."""
    kinds = {".css": "text/css", ".js": "text/javascript"}
    found = {}
    for path in sorted((FOLDER / "static").iterdir()):
        if path.suffix in kinds:
            data = path.read_bytes()
            found[f"{path.stem}-{hashlib.blake2b(data, digest_size=6).hexdigest()}{path.suffix}"] = (kinds[path.suffix], data)
    return found


@cache
def _templates() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(FOLDER / "templates")
    return jinja2.Environment(loader=loader, autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def home_page(site: Site, catalogue: Catalogue, language: str) -> str:
    """The first page of a language."""
    page = _frame(site, catalogue, language, title=words(language)["help"], path=addresses.home(language))
    alternates = {one: addresses.home(one) for one in catalogue.languages}
    sections = [
        {"title": s.title, "url": addresses.category(language, s.category), "lines": s.lines[:SHORT_LIST], "n": len(s.lines)}
        for s in catalogue.sections.get(language, ())
    ]
    return _render("home.html", page, alternates=alternates, sections=sections, fallback=addresses.HOME)


def category_page(site: Site, catalogue: Catalogue, section: Section, *, language: str, number: int) -> str:
    """A category with up to 60 articles a page; `number` is in range."""
    path = addresses.category(language, section.category, page=number)
    page = _frame(site, catalogue, language, title=section.title, path=path)
    alternates = {
        one: addresses.category(one, section.category)
        for one in catalogue.languages
        if number == 1 and catalogue.section(one, section.category)
    }
    pages = page_count(section)
    start = (number - 1) * PER_PAGE
    more = {
        "lines": section.lines[start : start + PER_PAGE],
        "n": len(section.lines),
        "number": number,
        "pages": pages,
        "previous": addresses.category(language, section.category, page=number - 1) if number > 1 else "",
        "following": addresses.category(language, section.category, page=number + 1) if number < pages else "",
        "description": " · ".join(line.title for line in section.lines[:4])[:DESCRIPTION],
    }
    return _render("category.html", page, alternates=alternates, **more)


def page_count(section: Section) -> int:
    """How many pages a category has."""
    return max(1, -(-len(section.lines) // PER_PAGE))


def article_page(site: Site, catalogue: Catalogue, article: PublicArticle, *, language: str, thanks: str = "") -> str:
    """An article as a reader of `language` sees it; `thanks` is what they just told ("yes", "no", "comment")."""
    version = article.version
    shown = version.language
    path = addresses.article(shown, version.article_id)
    page = _frame(site, catalogue, language, title=version.title, path=path)
    alternates = {one: addresses.article(one, version.article_id) for one in article.languages}
    section = catalogue.section(language, article.category)
    trail = [(words(language)["help"], site.origin + addresses.home(language))]
    if section:
        trail.append((section.title, site.origin + addresses.category(language, article.category)))
    trail.append((version.title, site.origin + path))
    more = {
        "article": version,
        "body": Markup(_with_scrolling_tables(render(version.body), words(language)["table"])),  # noqa: S704 - render makes it safe
        "shown": shown,
        "shown_name": OWN_NAMES[shown],
        "section": section,
        "section_url": addresses.category(language, article.category),
        "updated": _date(version.published_at or version.at, language),
        "updated_iso": (version.published_at or version.at).date().isoformat(),
        "related": [line for line in (section.lines if section else ()) if line.article_id != version.article_id][:RELATED],
        "thanks": thanks,
        "action": addresses.article(language, version.article_id),
        "data": [Markup(as_script(one)) for one in article_data(version, url=site.origin + path, publisher=site.shop, trail=trail)],  # noqa: S704
        "description": " ".join(plain(version.body).split())[:DESCRIPTION],
    }
    return _render("article.html", page, alternates=alternates, **more)


def search_page(site: Site, catalogue: Catalogue, results: Results, *, language: str) -> str:
    """The page of results, or only its search box. Not for search engines."""
    page = _frame(site, catalogue, language, title=words(language)["search_label"], path=addresses.search(language))
    answer = results.answer
    cited = answer.citations[0] if answer and answer.text and answer.citations else None
    more = {"lines": results.lines, "answer": answer.text if answer and cited else "", "cited": cited, "indexed": False}
    alternates = {one: addresses.search(one, results.question) for one in catalogue.languages}
    return _render("search.html", page | {"q": results.question}, alternates=alternates, **more)


def message_page(site: Site, catalogue: Catalogue, language: str, *, title: str, hint: str) -> str:
    """A page that says what went wrong, with the search box."""
    page = _frame(site, catalogue, language, title=words(language)[title], path=addresses.home(language))
    return _render("message.html", page, alternates={}, hint=words(language)[hint], indexed=False)


def _frame(site: Site, catalogue: Catalogue, language: str, *, title: str, path: str) -> dict[str, Any]:
    """What every page has."""
    names = list(assets())
    return {
        "t": words(language),
        "site": site,
        "language": language,
        "title": title,
        "path": path,
        "style": next(f"/help/-/static/{name}" for name in names if name.endswith(".css")),
        "script": next(f"/help/-/static/{name}" for name in names if name.endswith(".js")),
        "own_names": OWN_NAMES,
        "languages": catalogue.languages or LANGUAGES[:1],
        "a": addresses,
        "q": "",
        "description": words(language)["description"].format(shop=site.shop),
        "indexed": True,
        "fallback": "",
        "article": None,
        "data": (),
    }


def _render(template: str, page: Mapping[str, Any], *, alternates: Mapping[str, str], **more: Any) -> str:
    return _templates().get_template(template).render({**page, **more, "alternates": alternates})


def _with_scrolling_tables(html: str, label: str) -> str:
    """A wide table scrolls by itself on a phone, also by keyboard."""
    opened = html.replace("<table>", f'<div class="wide" role="region" tabindex="0" aria-label="{label}"><table>')
    return opened.replace("</table>", "</table></div>")


def _date(at: datetime, language: str) -> str:
    return format_date(at.date(), format="long", locale=_LOCALES[language])


def titles(lines: Sequence[PublicLine], language: str) -> list[dict[str, str]]:
    """What the search box is told."""
    return [{"title": line.title, "url": addresses.article(language, line.article_id)} for line in lines]
