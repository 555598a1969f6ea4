"""Any OpenAI-compatible chat-completions endpoint, hosted or local, with streaming (Server-Sent Events)."""

from __future__ import annotations

import asyncio
import json
import secrets
import ssl
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from knowledge.generator.prompt import messages
from knowledge.generator.settings import GeneratorSettings
from knowledge.ports import Draft, GeneratorError, Wanted

CONNECT_SECONDS = 2.0
MOST_LETTERS = 6_000
MOST_LINE = 200_000


def new_nonce() -> str:
    """A mark that no article and no customer can know."""
    return f"=={secrets.token_hex(12)}=="


@dataclass
class _Heard:
    """What has come in so far."""

    text: str = ""
    finish: str | None = None
    ended: bool = False
    tokens_in: int | None = None
    tokens_out: int | None = None


class ChatCompletions:
    """The generator behind an endpoint. One object may be asked by many at once."""

    def __init__(self, settings: GeneratorSettings, *, nonce: Callable[[], str] = new_nonce) -> None:
        self.settings, self._nonce = settings, nonce
        self.name = settings.model
        headers = {"Authorization": f"Bearer {settings.key}"} if settings.key else {}
        timeout = httpx.Timeout(settings.seconds, connect=min(CONNECT_SECONDS, settings.seconds))
        self._client = httpx.AsyncClient(headers=headers, timeout=timeout, follow_redirects=False, trust_env=False)

    async def close(self) -> None:
        """Lets the connections go."""
        await self._client.aclose()

    async def draft(self, wanted: Wanted) -> Draft:
        """See `knowledge.ports.Generator`."""
        nonce = self._nonce()
        told = messages(wanted, nonce=nonce)
        body = {
            "model": self.settings.model, "messages": told, "stream": True, "stream_options": {"include_usage": True},
            "temperature": 0, "max_tokens": self.settings.max_tokens,
        }  # fmt: skip
        try:
            async with asyncio.timeout(self.settings.seconds):
                heard = await self._ask(body)
        except TimeoutError:
            raise GeneratorError(f"no answer within {self.settings.seconds:g} seconds") from None
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
            raise GeneratorError(f"no connection: {type(error).__name__}", spent=False) from None
        except (httpx.HTTPError, ssl.SSLError, OSError) as error:
            raise GeneratorError(f"the connection failed: {type(error).__name__}") from None
        if not heard.ended or heard.finish != "stop":
            raise GeneratorError(f"the answer is not whole (finish reason {heard.finish})")
        if not heard.text.strip():
            raise GeneratorError("the answer is empty")
        tokens_in = heard.tokens_in if heard.tokens_in is not None else estimate_tokens("".join(m["content"] for m in told))
        tokens_out = heard.tokens_out if heard.tokens_out is not None else estimate_tokens(heard.text)
        return Draft(heard.text.strip(), tokens_in, tokens_out, nonce)

    async def _ask(self, body: dict[str, Any]) -> _Heard:
        heard = _Heard()
        async with self._client.stream("POST", f"{self.settings.url}/chat/completions", json=body) as response:
            if response.status_code != 200:
                raise GeneratorError(f"the endpoint answered {response.status_code}", spent=False)
            if not response.headers.get("content-type", "").startswith("text/event-stream"):
                return _whole(await _limited(response))
            async for data in _events(response):
                if data == "[DONE]":
                    heard.ended = True
                    return heard
                _take(heard, data)
                if len(heard.text) > MOST_LETTERS:
                    raise GeneratorError("the answer does not end")
        heard.ended = heard.finish is not None
        return heard


def estimate_tokens(text: str) -> int:
    """How many tokens a text takes at most, by its bytes; for servers that do not say."""
    return len(text.encode()) // 2 + 1


async def _limited(response: httpx.Response) -> bytes:
    body = b""
    async for part in response.aiter_bytes():
        body += part
        if len(body) > MOST_LINE:
            raise GeneratorError("the answer does not end")
    return body


async def _events(response: httpx.Response) -> AsyncIterator[str]:
    """The data of each event (WHATWG HTML, 9.2.6; these servers send one line of data an event)."""
    rest = b""
    async for part in response.aiter_bytes():
        *lines, rest = (rest + part).replace(b"\r\n", b"\n").split(b"\n")
        if len(rest) > MOST_LINE:
            raise GeneratorError("the answer does not end")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].decode("utf-8", errors="replace").strip()
    if rest.startswith(b"data:"):
        yield rest[5:].decode("utf-8", errors="replace").strip()


def _parsed(data: str | bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except ValueError:
        raise GeneratorError("the endpoint does not speak the protocol: no JSON") from None
    if not isinstance(found, dict) or "error" in found:
        raise GeneratorError("the endpoint reported an error")
    return found


def _take(heard: _Heard, data: str) -> None:
    """One chunk of a stream; the last ones may hold no choice, only the usage."""
    found = _parsed(data)
    choice = _choice(found)
    delta = choice.get("delta") or {}
    content = delta.get("content") if isinstance(delta, dict) else None
    if isinstance(content, str):
        heard.text += content
    heard.finish = choice.get("finish_reason") or heard.finish
    _count(heard, found)


def _whole(body: bytes) -> _Heard:
    """An answer of a server that does not stream."""
    found = _parsed(body)
    choice = _choice(found)
    message = choice.get("message")
    content = message.get("content") if isinstance(message, dict) else None
    heard = _Heard(content if isinstance(content, str) else "", choice.get("finish_reason"), ended=True)
    _count(heard, found)
    return heard


def _choice(found: dict[str, Any]) -> dict[str, Any]:
    choices = found.get("choices")
    if not isinstance(choices, list):
        raise GeneratorError("the endpoint does not speak the protocol: no choices")
    first = choices[0] if choices else {}
    return first if isinstance(first, dict) else {}


def _count(heard: _Heard, found: dict[str, Any]) -> None:
    usage = found.get("usage")
    if isinstance(usage, dict):
        counts = [usage.get("prompt_tokens"), usage.get("completion_tokens")]
        if all(isinstance(one, int) and 0 <= one < 10_000_000 for one in counts):
            heard.tokens_in, heard.tokens_out = counts
