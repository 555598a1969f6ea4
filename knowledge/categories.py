"""What editors say of categories: their titles in each language, their order, and whether only approved words may be said in them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from kit.errors import InvalidInputError
from knowledge.articles import LANGUAGES
from knowledge.chinese import to_simplified
from knowledge.models import ArticleRow, CategoryRow

MAX_TITLE = 120


@dataclass(frozen=True)
class Category:
    """A category. `titles` by language; `strict`: a generator says nothing in it, articles are quoted; `place` orders them."""

    name: str
    titles: Mapping[str, str] = field(default_factory=dict)
    strict: bool = False
    place: int = 0

    def title(self, language: str) -> str:
        """The title for a reader: in the language, zh-Hans from zh-Hant, else in English, else the name made readable."""
        own = self.titles.get(language, "")
        if not own and language == "zh-Hans":
            own = to_simplified(self.titles.get("zh-Hant", ""))
        readable = self.name.replace("-", " ").replace("_", " ").strip()
        return own or self.titles.get("en", "") or readable[:1].upper() + readable[1:]


async def list_categories(session: AsyncSession) -> list[Category]:
    """Every category that articles have or that was described, in their order."""
    rows = (await session.execute(select(CategoryRow).execution_options(populate_existing=True))).scalars()
    known = {row.name: Category(row.name, dict(row.titles), row.strict, row.place) for row in rows}
    used = (await session.execute(select(ArticleRow.category).where(ArticleRow.category != "").distinct())).scalars()
    for name in used:
        known.setdefault(name, Category(name, place=1000))
    return sorted(known.values(), key=lambda one: (one.place, one.name))


async def save_category(session: AsyncSession, category: Category) -> Category:
    """Stores what is said of a category. Raises InvalidInputError."""
    name = category.name.strip()
    if not 1 <= len(name) <= 100 or "\0" in name:
        raise InvalidInputError("A category needs a name of 1 to 100 characters")
    unknown = set(category.titles) - set(LANGUAGES)
    if unknown:
        raise InvalidInputError(f"{min(unknown)!r} is not a language of articles", hint=f"Known are {', '.join(LANGUAGES)}.")
    titles = {language: " ".join(text.replace("\0", "").split()) for language, text in category.titles.items()}
    if any(len(text) > MAX_TITLE for text in titles.values()):
        raise InvalidInputError(f"The title of {name!r} is too long", hint=f"At most {MAX_TITLE} characters.")
    kept = {language: text for language, text in titles.items() if text}
    values = {"titles": kept, "strict": category.strict, "place": category.place, "changed_at": func.clock_timestamp()}
    statement = insert(CategoryRow).values(name=name, **values)
    await session.execute(statement.on_conflict_do_update(index_elements=[CategoryRow.name], set_=values))
    return Category(name, kept, category.strict, category.place)
