"""A question from one process to another over PostgreSQL: it goes as a job, its answer comes back in notifications and is not stored.

Who asks waits only so long; a question that is older is not worked on any more.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
import zlib
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from uuid import uuid4

import psycopg
from sqlalchemy import text
from sqlalchemy.exc import DataError, SQLAlchemyError

from kit.db import Database
from kit.errors import BatonError, UnavailableError
from kit.jobs import Enqueuer
from kit.log import get_logger

ASK = "ask"
CHANNEL = "baton_answers"
WAIT_SECONDS = 15.0
PART = 7000  # a notification holds less than 8,000 bytes
RETRY_SECONDS = 0.5

Respond = Callable[..., Awaitable[Any]]
log = get_logger("asking")


class NobodyAnsweredError(UnavailableError):
    """No worker answered in time."""


class RefusedThereError(BatonError):
    """What the one who was asked refused, with its own message and status."""

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(str(data.get("message")), hint=data.get("hint"))
        self.status = int(data.get("status", 500))


class Asker:
    """Asks; `run` must be running to hear the answers."""

    def __init__(self, database: Database, enqueuer: Enqueuer) -> None:
        self.database, self.enqueuer = database, enqueuer
        self._waiting: dict[str, tuple[asyncio.Future[Any], dict[int, str]]] = {}
        self._listening = asyncio.Event()

    async def ask(self, question: str, *, seconds: float = WAIT_SECONDS, **arguments: Any) -> Any:
        """The answer as JSON. Raises NobodyAnsweredError, and RefusedThereError with what the other side refused."""
        ask_id, future = uuid4().hex, asyncio.get_running_loop().create_future()
        self._waiting[ask_id] = (future, {})
        try:
            async with asyncio.timeout(seconds):
                await self._listening.wait()
                async with self.database.transaction() as session:
                    await self.enqueuer.enqueue(
                        session, ASK, ask_id=ask_id, question=question, packed=_pack(arguments), until=time.time() + seconds
                    )
                answer = await future
        except TimeoutError:
            raise NobodyAnsweredError(hint="Is `baton work` running, with a trained model?") from None
        finally:
            del self._waiting[ask_id]
        if "refused" in answer:
            raise RefusedThereError(answer["refused"])
        return answer["answer"]

    async def run(self) -> None:
        """Listens until cancelled; connects again after the database was away."""
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(self.database.dsn, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    self._listening.set()
                    async for notice in connection.notifies():
                        self._hear(notice.payload)
            except (psycopg.Error, OSError) as error:
                log.warning("answers cannot be heard", reason=type(error).__name__)
            self._listening.clear()
            await asyncio.sleep(RETRY_SECONDS)

    def _hear(self, payload: str) -> None:
        ask_id, number, count, part = payload.split(":", 3)
        known = self._waiting.get(ask_id)
        if known is None or known[0].done():
            return
        future, parts = known
        parts[int(number)] = part
        if len(parts) == int(count):
            future.set_result(_unpack("".join(parts[i] for i in range(int(count)))))


def _pack(answer: Mapping[str, Any]) -> str:
    """As letters that every text column takes, whatever characters are inside."""
    return base64.b64encode(zlib.compress(json.dumps(answer, default=str).encode())).decode()


def _unpack(packed: str) -> Any:
    return json.loads(zlib.decompress(base64.b64decode(packed)))


def answering(database: Database, questions: Mapping[str, Respond]) -> Respond:
    """The handler of the job `ASK`: calls what `questions` names and sends its result, or why it refused, back."""

    async def respond(*, ask_id: str, question: str, packed: str, until: float, **_: Any) -> None:
        if time.time() > until:
            return
        answer = _pack(await _respond(questions, question, _unpack(packed), ask_id))
        parts = [answer[i : i + PART] for i in range(0, len(answer), PART)]
        try:
            async with database.transaction() as session:
                for number, part in enumerate(parts):
                    payload = f"{ask_id}:{number}:{len(parts)}:{part}"
                    await session.execute(text("SELECT pg_notify(:channel, :payload)"), {"channel": CHANNEL, "payload": payload})
        except SQLAlchemyError as error:  # whoever asked gives up waiting; asking again is theirs to do
            log.warning("an answer could not be sent", question=question, reason=type(error).__name__)

    return respond


async def _respond(questions: Mapping[str, Respond], question: str, arguments: dict[str, Any], ask_id: str) -> dict[str, Any]:
    try:
        return {"answer": await questions[question](ask_id=ask_id, **arguments)}
    except BatonError as error:
        return {"refused": {"message": error.message, "hint": error.hint, "status": error.status}}
    except DataError:
        message = "The input holds characters that cannot be stored, such as NUL"
        return {"refused": {"message": message, "hint": "Remove them.", "status": 422}}
    except Exception as error:  # whoever asked gets an answer, and the log says what happened
        log.exception("a question could not be answered", question=question, error=type(error).__name__)
        return {"refused": {"message": "Something went wrong here; it has been logged", "hint": None, "status": 500}}
