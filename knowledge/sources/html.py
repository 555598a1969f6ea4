"""HTML to Markdown: a fragment as it is, and of a whole page its main content.

trafilatura says which text of a page is its content; the smallest element that holds that text is then converted as it stands, so that
numbered lists, nested lists and tables keep their shape.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import trafilatura
from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

from knowledge.sources.decoding import decode
from knowledge.sources.links import is_attachable
from knowledge.sources.names import id_from, language_of_tag
from knowledge.sources.types import LIMITS, Document, Enclosed, Options, Reading, SourceItem, skip

_DEAD = [
    "script",
    "style",
    "noscript",
    "template",
    "iframe",
    "object",
    "embed",
    "svg",
    "canvas",
    "form",
    "button",
    "input",
    "select",
    "head",
]
_AROUND = ["nav", "aside", "footer", "header", "menu", "dialog"]
_AROUND_CLASS = re.compile(
    r"(?:^|[-_\s])(?:footer|navbar|nav|breadcrumbs?|related|share|sharing|social|votes?|helpful|feedback|comments?|cookie|newsletter|pagination|sidebar|toc|"
    r"skip-link|sr-only|visually-hidden)(?:[-_\s]|$)",
    re.IGNORECASE,
)
_SPACES = re.compile(r"\s+")
_BLANK_LINES = re.compile(r"\n{3,}")
_CHARSET = re.compile(rb"<meta[^>]{0,200}charset\s*=\s*[\"']?([\w-]{2,20})", re.IGNORECASE)
MOST_TAGS = 60_000
ENOUGH = 0.9
SHORTEST = 40
_DATA = re.compile(r"data:image/(png|jpeg|gif|webp);base64,([A-Za-z0-9+/=\s%]+)", re.IGNORECASE)
_LONGEST_DATA = 14_000_000
_SHAPE: dict[str, Any] = {
    "heading_style": "atx", "bullets": "-", "escape_underscores": False, "escape_asterisks": True, "escape_misc": False,
    "table_infer_header": True, "strip_document": None,
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """What a page says: its content as Markdown, and of its head what matters for importing. `links` are absolute, without fragments."""

    title: str
    body: str
    language: str | None
    canonical: str
    alternates: tuple[tuple[str, str], ...]
    links: tuple[str, ...]
    index: bool
    follow: bool
    enclosed: tuple[Enclosed, ...] = ()


def to_markdown(fragment: str, *, base: str = "", enclosed: list[Enclosed] | None = None) -> str:
    """A piece of HTML (from an API, from Word) as Markdown; scripts, forms and frames are left out, relative links made whole.

    Pictures that stand in it as data: are put into `enclosed`, which may hold some (inside:...) already.
    """
    soup = BeautifulSoup(fragment, "lxml")
    _clean(soup, base, enclosed)
    return _convert(soup)


def _convert(node: Tag) -> str:
    text = str(MarkdownConverter(**_SHAPE).convert_soup(node))
    lines = (line.rstrip() if not line.endswith("  ") else line.rstrip() + "  " for line in text.replace("\xa0", " ").split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip()


def _clean(node: Tag, base: str, enclosed: list[Enclosed] | None) -> None:
    local = "file" if base.startswith("file:") else "https"
    for dead in node.find_all(_DEAD):
        dead.decompose()
    for link in node.find_all("a", href=True):
        target = urljoin(base, str(link["href"])) if base else str(link["href"])
        if urlsplit(target).scheme not in {"http", "https", "mailto", ""} and not (_scheme(target) == local and is_attachable(target)):
            del link["href"]
            link.unwrap()
        else:
            link["href"] = target
    for image in node.find_all("img"):
        source = _source_of(image, base, enclosed)
        if _scheme(source) not in {"http", "https", "inside", local} or len(source) > 2000:
            image.replace_with(str(image.get("alt", "")))
        else:
            image["src"] = source.replace(" ", "%20").replace("(", "%28").replace(")", "%29")


def _scheme(address: str) -> str:
    try:
        return urlsplit(address).scheme
    except ValueError:
        return ""


def _source_of(image: Tag, base: str, enclosed: list[Enclosed] | None) -> str:
    said = str(image.get("src", ""))
    if enclosed is None or not said.startswith(("data:", "inside:")):
        return urljoin(base, said) if base else said
    if said.startswith("inside:"):
        return said if any(one.link == said for one in enclosed) else ""
    found = _DATA.fullmatch(said) if len(said) < _LONGEST_DATA and len(enclosed) < LIMITS.item_files else None
    try:
        data = base64.b64decode(found[2].replace("%2B", "+").replace("%2F", "/").replace("%3D", "="), validate=False) if found else b""
    except (binascii.Error, ValueError):
        return ""
    return enclose(enclosed, data, found[1].lower().replace("jpeg", "jpg")) if found and data else ""


def enclose(enclosed: list[Enclosed], data: bytes, ending: str) -> str:
    """Puts a picture to those of a document, and returns how texts name it: by its bytes, so that it is the same each time."""
    name = f"picture-{hashlib.sha256(data).hexdigest()[:12]}.{ending}"
    if all(one.name != name for one in enclosed):
        enclosed.append(Enclosed(f"inside:{name}", name, data))
    return f"inside:{name}"


def read_page(data: bytes, url: str, *, charset: str = "") -> Page:
    """What a page says. Raises UnreadableError for what is not text; a page without content has an empty `body`."""
    text = _text(data, charset)
    soup = BeautifulSoup(text, "lxml")
    language = _language(soup)
    title, robots = _title(soup), _robots(soup)
    canonical, alternates, links = _canonical(soup, url), _alternates(soup, url), _links(soup, url)
    enclosed: list[Enclosed] = []
    body = _content(soup, text, url, enclosed) if len(soup.find_all(True, limit=MOST_TAGS)) < MOST_TAGS else ""
    lead = re.match(r"#{1,2} (.+)\n*", body)
    if lead and (lead.group().startswith("# ") or _plain(lead[1]) == _plain(title)):
        title, body = _unmarked(lead[1]) or title, body[lead.end() :]
    return Page(
        title, body.strip(), language, canonical, alternates, links, "noindex" not in robots, "nofollow" not in robots, tuple(enclosed)
    )


def _text(data: bytes, charset: str) -> str:
    named = _CHARSET.search(data[:4096])
    for name in (charset, named[1].decode() if named else ""):
        if name:
            try:
                return decode(data, name)[0]
            except Exception:  # noqa: S112 - what the page says of itself is often wrong; the bytes decide then
                continue
    return decode(data)[0]


def _content(soup: BeautifulSoup, text: str, url: str, enclosed: list[Enclosed]) -> str:
    said = trafilatura.extract(text, output_format="txt", include_tables=True, include_comments=False, favor_recall=True, url=url or None)
    node = soup.body or soup
    _clean(node, url, enclosed)
    if said:
        node = _smallest(node, _lines(said))
    for around in node.find_all(_AROUND):
        if around.find("h1") is None:
            around.decompose()
    for one in node.find_all(class_=_AROUND_CLASS):
        if not one.decomposed and one.find("h1") is None and len(one.get_text()) < len(node.get_text()) / 2:
            one.decompose()
    body = _convert(node)
    heading = soup.h1 if soup.h1 is not None and not soup.h1.decomposed else None
    if heading is not None and not node.find("h1"):
        body = f"# {_SPACES.sub(' ', heading.get_text()).strip()}\n\n{body}"
    return body if len(_plain(body)) >= SHORTEST or said else ""


def _lines(said: str) -> set[str]:
    return {line for line in (_plain(line) for line in re.split(r"[\n|]", said)) if len(line) > 3}


def _smallest(node: Tag, lines: set[str]) -> Tag:
    """The smallest element that holds nearly all of what was said to be the content; its boxes with nothing of it are dropped."""
    wanted = sum(map(len, lines)) * ENOUGH
    found = node
    while wanted:
        inner = [child for child in found.find_all(True, recursive=False) if _held(child, lines) >= wanted]
        if not inner:
            break
        found = inner[0]
    for box in found.find_all(["div", "section", "ul"], recursive=False):
        if (not _held(box, lines) and box.find(["img", "table", "pre"]) is None) or _is_menu(box):
            box.decompose()
    return found


def _is_menu(box: Tag) -> bool:
    """Nothing but links, before the heading."""
    links = box.find_all("a")
    linked = sum(len(_plain(link.get_text())) for link in links)
    return len(links) > 1 and linked >= len(_plain(box.get_text())) and box.find_next("h1") is not None


def _held(node: Tag, lines: set[str]) -> int:
    text = _plain(node.get_text(" "))
    return sum(len(line) for line in lines if line in text)


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()


def _unmarked(text: str) -> str:
    return re.sub(r"[*`]|\\(?=\W)", "", re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)).strip()


def _title(soup: BeautifulSoup) -> str:
    heading = soup.h1.get_text(" ") if soup.h1 else ""
    named = soup.title.get_text() if soup.title else ""
    return _SPACES.sub(" ", heading or re.split(r"\s+[|–—·]\s+|\s+-\s+(?=[^-]*$)", named)[0]).strip()


def _language(soup: BeautifulSoup) -> str | None:
    tag = str(soup.html.get("lang", "")) if soup.html else ""
    return language_of_tag(tag)


def _robots(soup: BeautifulSoup) -> str:
    found = soup.find("meta", attrs={"name": re.compile(r"^robots$", re.IGNORECASE)})
    content = str(found.get("content", "")).lower() if isinstance(found, Tag) else ""
    return "noindex nofollow" if "none" in content.split(",") else content


def _canonical(soup: BeautifulSoup, url: str) -> str:
    found = soup.find("link", rel="canonical", href=True)
    target = urldefrag(urljoin(url, str(found["href"])))[0] if isinstance(found, Tag) else url
    return target if urlsplit(target).netloc == urlsplit(url).netloc else url


def _alternates(soup: BeautifulSoup, url: str) -> tuple[tuple[str, str], ...]:
    found = soup.find_all("link", rel="alternate", hreflang=True, href=True, limit=100)
    return tuple((str(one["hreflang"]).lower(), urldefrag(urljoin(url, str(one["href"])))[0]) for one in found)


def _links(soup: BeautifulSoup, url: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for link in soup.find_all("a", href=True, limit=5_000):
        if "nofollow" in (link.get("rel") or []):
            continue
        try:
            target = urldefrag(urljoin(url, str(link["href"]).strip()))[0]
            if urlsplit(target).scheme in {"http", "https"} and len(target) < 2_000:
                found[target] = None
        except ValueError:  # an address that is none
            continue
    return tuple(found)


def group_of(page: Page, url: str) -> str:
    """The address that stands for a page in all its languages: of those it names, the default or English one, else its own."""
    named = dict(page.alternates)
    if page.canonical not in named.values() and url not in named.values():
        return page.canonical
    first = named.get("x-default") or next((a for tag, a in sorted(named.items()) if tag.split("-")[0] == "en"), None)
    return first or sorted(named.values())[0]


def item_of(page: Page, url: str, options: Options) -> SourceItem:
    """A page as an article."""
    group = group_of(page, url)
    path = [part for part in urlsplit(group).path.split("/") if part]
    name = re.sub(r"\.(?:html?|php|aspx?)$", "", path[-1], flags=re.IGNORECASE) if path else page.title
    name = re.sub(r"^\d{5,}-", "", name)
    wanted = id_from(name, page.title, key=group, kind="page")
    return SourceItem(
        page.canonical, group, wanted, page.title, page.body, page.language or "", category=options.category, audience=options.audience
    )


def parse(document: Document, options: Options) -> Reading:
    """One HTML file."""
    page = read_page(document.data, document.url or f"file:///{document.name}", charset=options.encoding)
    key = document.url or document.name
    if page.language is None:
        return skip(key, "It says that it is in a language that articles have not")
    if not page.body or not page.title:
        return skip(key, "There is no main text on this page" if page.title else "The page has no title")
    if document.url:
        return Reading((item_of(page, document.url, options),), enclosed=page.enclosed)
    stem = document.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
    wanted = id_from(*((stem,) if stem.lower() != "index" else ()), page.title, key=key, kind="page")
    item = SourceItem(key, key, wanted, page.title, page.body, page.language, category=options.category, audience=options.audience)
    return Reading((item,), enclosed=page.enclosed)
