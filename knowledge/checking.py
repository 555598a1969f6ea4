"""What an article may look like. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kit.errors import InvalidInputError
from knowledge.types import ArticleDraft, Details

LANGUAGES = ("en", "zh-Hant", "zh-Hans", "pt")
AUDIENCES = ("public", "internal")
MAX_TITLE = 300
MAX_BODY = 200_000
MAX_QUESTIONS = 50
MAX_QUESTION = 300
MAX_TAGS = 50
MAX_NAME = 100
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")  # NUL, and halves of characters
_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def is_article_id(text: str) -> bool:
    """Whether an article can have this id: small letters, digits and dashes between them, at most 100."""
    return len(text) <= 100 and _SLUG.fullmatch(text) is not None


def check_draft(draft: ArticleDraft) -> ArticleDraft:
    """The draft with its texts trimmed. Raises InvalidInputError naming the field that cannot be accepted."""
    if not is_article_id(draft.id):
        raise InvalidInputError(
            f"{draft.id[:120]!r} cannot be the id of an article", hint="Use small letters, digits and dashes, at most 100: return-policy"
        )
    check_language(draft.language)
    details = check_details(
        Details(draft.category, draft.tags, draft.audience, draft.owner or "", draft.source or "en", draft.review_by, draft.expires_at)
    )
    title = " ".join(draft.title.split())
    if not 1 <= len(title) <= MAX_TITLE:
        raise InvalidInputError(f"The title has {len(title)} characters", hint=f"Write 1 to {MAX_TITLE} characters.")
    if len(draft.body) > MAX_BODY:
        raise InvalidInputError(f"The text has {len(draft.body):,} characters", hint=f"At most {MAX_BODY:,}: divide the article.")
    if _UNSTORABLE.search(draft.body + title):
        raise InvalidInputError("The text holds a NUL or half a character", hint="It is probably not text: save the file as UTF-8.")
    questions = None if draft.questions is None else check_questions(draft.questions)
    owner = None if draft.owner is None else details.owner
    return replace(
        draft, title=title, body=draft.body.strip(), category=details.category, tags=details.tags, questions=questions, owner=owner
    )


def check_questions(questions: Sequence[str]) -> tuple[str, ...]:
    """The questions on one line each, every one once, empty ones left out. Raises InvalidInputError naming the one that is too long."""
    kept = tuple(dict.fromkeys(line for question in questions if (line := " ".join(question.split()))))
    if len(kept) > MAX_QUESTIONS:
        raise InvalidInputError(f"There are {len(kept)} questions", hint=f"At most {MAX_QUESTIONS}: keep those that differ most.")
    wrong = next((one for one in kept if len(one) > MAX_QUESTION or _UNSTORABLE.search(one)), None)
    if wrong is not None:
        raise InvalidInputError(f"The question {wrong[:60]!r}... cannot be kept", hint=f"Write 1 to {MAX_QUESTION} characters of text.")
    return kept


def check_language(language: str) -> str:
    """The language, if articles can be written in it. Raises InvalidInputError."""
    if language not in LANGUAGES:
        raise InvalidInputError(f"{language[:40]!r} is not a language of articles", hint=f"Known are {', '.join(LANGUAGES)}.")
    return language


def check_details(details: Details) -> Details:
    """What holds for all languages of an article, trimmed. Raises InvalidInputError naming the field that cannot be accepted."""
    if details.audience not in AUDIENCES:
        raise InvalidInputError(f"{details.audience[:40]!r} is not an audience", hint="It is public or internal.")
    check_language(details.source)
    category, tags = details.category.strip(), tuple(dict.fromkeys(tag.strip() for tag in details.tags if tag.strip()))
    wrong = next((name for name in (category, *tags) if len(name) > MAX_NAME or _UNSTORABLE.search(name)), None)
    if wrong is not None:
        raise InvalidInputError(f"{wrong[:40]!r} cannot be a category or tag", hint=f"Write at most {MAX_NAME} characters of text.")
    owner = details.owner.strip()
    if len(owner) > MAX_NAME or _UNSTORABLE.search(owner):
        raise InvalidInputError(f"{owner[:40]!r} cannot be an owner", hint=f"Write at most {MAX_NAME} characters of text.")
    if len(tags) > MAX_TAGS:
        raise InvalidInputError(f"There are {len(tags)} tags", hint=f"At most {MAX_TAGS}.")
    if details.expires_at is not None and details.expires_at.tzinfo is None:
        raise InvalidInputError("The expiry has no time zone", hint="Write it as 2027-01-31T18:00:00+08:00.")
    return replace(details, category=category, tags=tags, owner=owner)
