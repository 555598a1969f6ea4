"""The codes that WeChat's API answers with (always in HTTP 200), and what kind of problem each is."""

from __future__ import annotations

from channels.base import Problem

STALE = frozenset({40001, 40014, 42001})
"""The access token is not valid any more: a fresh one is fetched once, and the call made again, as nothing was done."""
CODES: dict[int, Problem] = {
    -1: Problem.TRANSIENT, 45035: Problem.TRANSIENT,
    40001: Problem.AUTH, 40013: Problem.AUTH, 40014: Problem.AUTH, 40125: Problem.AUTH, 40164: Problem.AUTH, 41004: Problem.AUTH,
    42001: Problem.AUTH, 42007: Problem.AUTH,
    48001: Problem.PERMISSION, 48004: Problem.PERMISSION, 50001: Problem.PERMISSION, 50002: Problem.POLICY,
    45015: Problem.WINDOW, 45047: Problem.WINDOW,
    45009: Problem.RATE_ACCOUNT, 45011: Problem.RATE_ACCOUNT,
    40003: Problem.RECIPIENT, 43004: Problem.RECIPIENT, 43019: Problem.OPTED_OUT,
    40004: Problem.MEDIA, 40005: Problem.MEDIA, 40006: Problem.MEDIA, 40007: Problem.MEDIA, 40009: Problem.MEDIA, 45001: Problem.MEDIA,
    40008: Problem.BAD_REQUEST, 44004: Problem.BAD_REQUEST, 45002: Problem.BAD_REQUEST,
    45008: Problem.BAD_REQUEST, 47001: Problem.BAD_REQUEST,
}  # fmt: skip
WORDS = {
    45015: "48 hours have passed since they wrote: they have to write first",
    45047: "five messages were sent since they last wrote: they have to write first",
}


def problem_of(code: int) -> Problem:
    """The problem behind a code."""
    return CODES.get(code, Problem.BAD_REQUEST)
