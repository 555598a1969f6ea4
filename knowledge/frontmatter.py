"""Markdown files with front matter: the one place that says which fields an article has in a file, for reading and for writing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import yaml

from kit.errors import InvalidInputError
from knowledge.articles import check_draft
from knowledge.types import Article, ArticleDraft, Version

NEEDED = ("id", "language", "title")
STATUSES = ("published", "draft", "archived")
DETAILS = ("owner", "source_language", "review_by", "expires_at")
FIELDS = (*NEEDED, "status", "category", "tags", "audience", *DETAILS, "attachments", "questions")


@dataclass(frozen=True)
class MarkdownFile:
    """What a file says: the draft, its status if it names one (draft, published, archived), and fields that Baton does not know.

    `attachments` are paths of files that belong to the article, seen from this one.
    """

    draft: ArticleDraft
    status: str = ""
    unknown: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()


class _Dumper(yaml.SafeDumper):
    """Writes texts with line ends that YAML would fold (NEL, U+2028) and other odd characters in quotation marks, escaped."""


def _represent_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if text.isprintable() else '"')


_Dumper.add_representer(str, _represent_text)


def begins_with_front_matter(text: str) -> bool:
    """Whether the first line is `---`."""
    return text.removeprefix("\ufeff").split("\n", 1)[0].strip() == "---"


def read_markdown(text: str) -> MarkdownFile:
    """An article from Markdown with front matter. Raises InvalidInputError that begins with the line."""
    text = text.removeprefix("\ufeff")
    if text.split("\n", 1)[0].endswith("\r"):
        text = text.replace("\r\n", "\n")
    lines = text.split("\n")
    if lines[0].strip() != "---":
        raise InvalidInputError("line 1: the file must begin with --- and the fields id, language, title")
    end = next((place for place, line in enumerate(lines[1:], start=1) if line.strip() == "---"), None)
    if end is None:
        raise InvalidInputError("line 1: the second line of --- is missing")
    fields = _fields("\n".join(lines[1:end]))
    missing = [name for name in NEEDED if not fields.get(name)]
    if missing:
        raise InvalidInputError(f"line 1: {', '.join(missing)} is missing")
    status = str(fields.get("status") or "")
    unknown = tuple(str(name) for name in fields if name not in FIELDS)
    attachments = _list(fields, "attachments", lines, example="[../_files/returns/form.pdf]") or ()
    draft = _draft(fields, "\n".join(lines[end + 1 :]), lines)
    return MarkdownFile(draft, status if status in STATUSES else "draft" if status else "", unknown, attachments)


def line_of(lines: Sequence[str], name: str) -> int:
    """The line, from 1, on which a field stands; 1 when it does not."""
    return next((place for place, line in enumerate(lines, start=1) if line.startswith(f"{name}:")), 1)


def write_markdown(article: Article, version: Version, *, status: str, attachments: Sequence[str] = ()) -> str:
    """One version as a file that `read_markdown` reads back to the same. What an article has not is left out."""
    fields: dict[str, Any] = {"id": article.id, "language": version.language, "title": version.title}
    if status != "published":
        fields["status"] = status
    if article.category:
        fields["category"] = article.category
    if article.tags:
        fields["tags"] = list(article.tags)
    if article.audience != "public":
        fields["audience"] = article.audience
    fields |= _details(article, version)
    if attachments:
        fields["attachments"] = list(attachments)
    fields["questions"] = list(version.questions)
    front = yaml.dump(fields, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=10**9)
    return f"---\n{front}---\n{version.body}\n"


def _details(article: Article, version: Version) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if article.owner:
        fields["owner"] = article.owner
    if article.source != version.language:
        fields["source_language"] = article.source
    if article.review_by is not None:
        fields["review_by"] = article.review_by
    if article.expires_at is not None:
        fields["expires_at"] = article.expires_at.astimezone(UTC)
    return fields


def _draft(fields: Mapping[str, Any], body: str, lines: Sequence[str]) -> ArticleDraft:
    tags = _list(fields, "tags", lines, example="[returns, refund]")
    questions = _list(fields, "questions", lines, example="one to a line, each after a dash")
    named = {name: str(fields.get(name) or "") for name in ("id", "language", "title", "category")}
    audience = str(fields.get("audience") or "public")
    told = {"owner": _text(fields, "owner", lines), "source": _text(fields, "source_language", lines)}
    times = {"review_by": _review_by(fields, lines), "expires_at": _expires_at(fields, lines)}
    try:
        return check_draft(ArticleDraft(**named, body=body, tags=tags or (), audience=audience, questions=questions, **told, **times))  # type: ignore[arg-type]
    except InvalidInputError as error:
        raise InvalidInputError(f"line 1: {error.message}. {error.hint or ''}".strip()) from None


def _text(fields: Mapping[str, Any], name: str, lines: Sequence[str]) -> str | None:
    """The text of a field; None when it is not there, or empty."""
    value = fields.get(name)
    if isinstance(value, (dict, list)):
        raise InvalidInputError(f"line {line_of(lines, name)}: {name} must be a text")
    return None if value is None or not str(value).strip() else str(value)


def _review_by(fields: Mapping[str, Any], lines: Sequence[str]) -> date | None:
    value = fields.get("review_by")
    if value in (None, ""):
        return None
    if isinstance(value, datetime):
        return value.date()
    try:
        return value if isinstance(value, date) else date.fromisoformat(str(value).strip())
    except ValueError:
        raise InvalidInputError(f"line {line_of(lines, 'review_by')}: review_by must be a day: 2027-01-31") from None


def _expires_at(fields: Mapping[str, Any], lines: Sequence[str]) -> datetime | None:
    value = fields.get("expires_at")
    if value in (None, ""):
        return None
    try:
        found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value).strip())
        if found.tzinfo is None:
            raise ValueError
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        said = "expires_at must be a time with its zone: 2027-01-31T18:00:00+08:00"
        raise InvalidInputError(f"line {line_of(lines, 'expires_at')}: {said}") from None


def _fields(front: str) -> dict[str, Any]:
    try:
        fields = yaml.safe_load(front)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 2 if error.problem_mark else 1
        raise InvalidInputError(f"line {line}: {error.problem or 'this is not YAML'}") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise InvalidInputError("line 1: the fields are not YAML") from None
    if not isinstance(fields, dict):
        raise InvalidInputError("line 2: fields must be written as name: value")
    return fields


def _list(fields: Mapping[str, Any], name: str, lines: Sequence[str], *, example: str) -> tuple[str, ...] | None:
    """The texts of a list; None when the field is not there."""
    if name not in fields:
        return None
    values = fields[name] or []
    if not isinstance(values, list) or any(isinstance(value, (dict, list)) for value in values):
        raise InvalidInputError(f"line {line_of(lines, name)}: {name} must be a list of texts: {example}")
    return tuple(str(value) for value in values if value is not None)
