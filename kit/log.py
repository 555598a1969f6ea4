"""Structured logs that carry ids, never what a customer wrote."""

from __future__ import annotations

import logging
import sys
from typing import Any, TextIO, cast

import structlog

# Keys whose values would be personal data; they are replaced wherever a log call passes them by mistake.
PERSONAL_KEYS = frozenset({"text", "content", "email", "phone", "name", "address", "password", "token", "message_text", "body"})


def hide_personal(_logger: Any, _method: str, event: Any) -> Any:
    """Masks the values of keys that name personal data."""
    for key in PERSONAL_KEYS & event.keys():
        event[key] = "[hidden]"
    return event


class _StandardError:
    """Whatever standard error is when something is written: it may be replaced, and the one before it be closed."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def set_up_logging(*, level: str = "INFO", as_json: bool | None = None) -> None:
    """Sets up structlog and the standard library's log on standard error: JSON lines, or readable ones on a terminal."""
    json_lines = (not sys.stderr.isatty()) if as_json is None else as_json
    renderer: Any = structlog.processors.JSONRenderer() if json_lines else structlog.dev.ConsoleRenderer()
    logging.basicConfig(level=level, format="%(levelname)s %(name)s %(message)s", stream=_StandardError(), force=True)
    for noisy in ("httpx", "httpcore", "procrastinate", "uvicorn.access", "jieba", "alembic", "bm25s"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            hide_personal,
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(cast(TextIO, _StandardError())),
        cache_logger_on_first_use=True,
    )


def get_logger(name: str) -> Any:
    """A structured logger that names the part it speaks for."""
    return structlog.get_logger(part=name)
