"""An answer in the generator's words where they are proven, and the quoted answer wherever there is any doubt."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError

from kit.log import get_logger
from knowledge.answer import cite
from knowledge.generator.budget import Reserved
from knowledge.generator.chat_completions import estimate_tokens
from knowledge.generator.checking import Checked, DraftRefusedError, check_draft
from knowledge.generator.policy import Policy
from knowledge.generator.prompt import SYSTEM
from knowledge.generator.smuggled import gives_orders, without_orders
from knowledge.ports import Draft, Embedder, Generator, GeneratorError, Source, Wanted
from knowledge.search import SearchIndex
from knowledge.types import Answer, Hit

MOST_SOURCES, MOST_SOURCE_LETTERS = 4, 1500
FAILURES, REST_SECONDS = 3, 30.0  # after so many failures in a row the generator is left alone for a while
REMEMBERED = 512

log = get_logger("generator")


class PolicyReader(Protocol):
    """Says what editors allow."""

    async def read(self) -> Policy:
        """The present policy."""


class Budget(Protocol):
    """See `knowledge.generator.budget.DayBudget`."""

    async def reserve(self, tokens_in: int, tokens_out: int) -> Reserved | None:
        """Sets aside; None when there is no more."""

    async def settle(self, reserved: Reserved, tokens_in: int, tokens_out: int) -> None:
        """What it really was."""


@dataclass(frozen=True)
class Parts:
    """What the writer works with. `mask` takes personal data out of a customer's words, which are in the given language.

    `judge` encodes sentences and passages for the check, whose limits were chosen with USE; None: what the index was made with.
    """

    generator: Generator
    budget: Budget
    policy: PolicyReader
    mask: Callable[[str, str], str]
    max_tokens: int = 400
    judge: Embedder | None = None


class Writer:
    """Words answers. The same question on the same passages gets the same answer as long as it is remembered."""

    def __init__(self, parts: Parts, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.parts, self._now = parts, monotonic
        self._failures, self._rest_until = 0, 0.0
        self._remembered: OrderedDict[str, Checked] = OrderedDict()

    async def write(self, index: SearchIndex, question: str, answer: Answer) -> Answer:
        """The answer in the generator's words, or as it came. Never raises for what the generator, its budget or the database does."""
        try:
            return await self._write(index, question, answer)
        except DraftRefusedError as error:
            log.info("quoted instead", why=str(error))
        except GeneratorError as error:
            self._failed()
            log.warning("quoted instead", why=error.message)
        except (SQLAlchemyError, OSError) as error:
            log.warning("quoted instead", why=type(error).__name__)
        return answer

    async def _write(self, index: SearchIndex, question: str, answer: Answer) -> Answer:
        if answer.text is None or not answer.hits or self._now() < self._rest_until or gives_orders(question):
            return answer
        policy = await self.parts.policy.read()
        hits = usable_hits(index, answer, policy)
        if not hits:
            return answer
        wanted = Wanted(self.parts.mask(question, answer.language), answer.language, _sources(hits))
        if not wanted.sources or wanted.sources[0].number != 1 or not wanted.question.strip():
            return answer
        key = _key(self.parts.generator.name, wanted)
        checked = self._remembered.get(key)
        if checked is None:
            draft = await self._ask(wanted)
            checked = await asyncio.to_thread(check_draft, draft, wanted, self.parts.judge or index.embedder)
            self._remember(key, checked)
        return _told(answer, hits, checked)

    async def _ask(self, wanted: Wanted) -> Draft:
        """A draft within the budget. Raises DraftRefusedError when there is none left, GeneratorError."""
        tokens_in = estimate_tokens(SYSTEM + wanted.question + "".join(s.title + s.text for s in wanted.sources)) + 200
        reserved = await self.parts.budget.reserve(tokens_in, self.parts.max_tokens)
        if reserved is None:
            raise DraftRefusedError("the budget of the day is used up")
        try:
            draft = await self.parts.generator.draft(wanted)
        except GeneratorError as error:
            await self.parts.budget.settle(reserved, tokens_in if error.spent else 0, self.parts.max_tokens if error.spent else 0)
            raise
        self._failures = 0
        await self.parts.budget.settle(reserved, draft.tokens_in, draft.tokens_out)
        return draft

    def _failed(self) -> None:
        self._failures += 1
        if self._failures >= FAILURES:
            self._failures, self._rest_until = 0, self._now() + REST_SECONDS
            log.warning("the generator rests", seconds=REST_SECONDS)

    def _remember(self, key: str, checked: Checked) -> None:
        self._remembered[key] = checked
        while len(self._remembered) > REMEMBERED:
            self._remembered.popitem(last=False)


def usable_hits(index: SearchIndex, answer: Answer, policy: Policy) -> tuple[Hit, ...]:
    """The hits that may leave the house and prove something: public, in the answer's language, in no strict category.

    Empty when the best one is not among them: then it is quoted.
    """
    kept = []
    for hit in answer.hits[:MOST_SOURCES]:
        audience, category = _about(index, hit)
        if hit.passage.language == answer.language and audience == "public" and not policy.forbids(category):
            kept.append(hit)
    return tuple(kept) if kept and kept[0] is answer.hits[0] else ()


def _about(index: SearchIndex, hit: Hit) -> tuple[str, str]:
    """Audience and category of the article; internal where it is not known."""
    source = "zh-Hant" if hit.passage.language == "zh-Hans" else hit.passage.language
    places = index.variant(hit.passage.article_id, hit.passage.language) or index.variant(hit.passage.article_id, source)
    return (index.entries[places[0]].audience, index.entries[places[0]].category) if places else ("internal", "")


def _sources(hits: tuple[Hit, ...]) -> tuple[Source, ...]:
    """The passages without sentences that address a model, numbered as the hits are."""
    found = []
    for number, hit in enumerate(hits, 1):
        title, text = without_orders(" – ".join(hit.passage.title_path)), without_orders(hit.passage.text)[:MOST_SOURCE_LETTERS]
        if text.strip():
            found.append(Source(number, title, text))
    return tuple(found)


def _told(answer: Answer, hits: tuple[Hit, ...], checked: Checked) -> Answer:
    """The answer in the words that stood; the quoted one when none did, or most did not."""
    wrong = sum(1 for one in checked.judged if one.why)
    if not checked.kept or wrong > len(checked.judged) / 2:
        log.info("quoted instead", why="; ".join(dict.fromkeys(one.why for one in checked.judged if one.why)) or "nothing stood")
        return answer
    return replace(answer, text=checked.text, citations=tuple(cite(hits[number - 1]) for number in checked.sources))


def _key(model: str, wanted: Wanted) -> str:
    parts = [model, wanted.language, wanted.question, *(f"{s.title}\0{s.text}" for s in wanted.sources)]
    return hashlib.blake2b("\1".join(parts).encode(), digest_size=16).hexdigest()
