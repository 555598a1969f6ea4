"""Public comments under posts: each thread of comments is a conversation that people answer. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from channels.base import Account
from channels.happenings import CustomerMessage, Edited, Happening, Thread, Unknown
from context.threads import COMMENT, thread_key
from context.types import Inbound


def read_change(change: Mapping[str, Any], account: Account, channel: str, messages: str) -> Iterator[Happening]:
    """What an entry of `changes` tells: `channel` is that of comments, `messages` that of the same people's messages."""
    field, value = change["field"], change["value"]
    if field == "feed" and value.get("item") == "comment":
        yield from _facebook(value, account, channel, messages)
    elif field in {"comments", "live_comments"}:
        yield from _instagram(value, account, channel, messages)
    else:
        yield Unknown(f"the field {str(field)[:40]!r} ({str(value.get('item') or '')[:40]})")


def _facebook(value: Mapping[str, Any], account: Account, channel: str, messages: str) -> Iterator[Happening]:
    comment, post, verb = str(value["comment_id"]), str(value["post_id"]), value["verb"]
    author, at = value.get("from") or {}, datetime.fromtimestamp(int(value["created_time"]), UTC)
    who = str(author.get("id") or f"hidden:{comment}")
    if who == account.account:
        return  # our own answer
    if verb in {"edited", "edit", "remove"}:
        text = None if verb == "remove" else str(value.get("message") or "[comment]")
        yield Edited(account.account, who, comment, text, at, channel=channel)
    elif verb != "add":
        yield Unknown(f"a comment was changed: {str(verb)[:40]}")
    else:
        parent = str(value.get("parent_id") or post)
        words = str(value.get("message") or "").strip() or ("[picture]" if value.get("photo") else "[comment without words]")
        about = {
            "kind": "comment",
            "public": True,
            "post": post,
            "parent": parent,
            "link": str((value.get("post") or {}).get("permalink_url") or ""),
        }
        root = comment if parent == post else parent
        inbound = Inbound(channel, account.account, who, comment, words, sent_at=at, profile_name=author.get("name"), metadata=about)
        yield _owned(inbound, at, account, root, messages)


def _instagram(value: Mapping[str, Any], account: Account, channel: str, messages: str) -> Iterator[Happening]:
    comment, author = str(value["id"]), value.get("from") or {}
    who = str(author.get("id") or f"hidden:{comment}")
    if who == account.account:
        return
    at = datetime.now(UTC)  # these webhooks bring no time; the entry's own is when it was sent
    root = str(value.get("parent_id") or comment)
    about = {
        "kind": "comment",
        "public": True,
        "post": str((value.get("media") or {}).get("id") or ""),
        "parent": str(value.get("parent_id") or ""),
    }
    words = str(value.get("text") or "").strip() or "[comment without words]"
    inbound = Inbound(channel, account.account, who, comment, words, sent_at=at, profile_name=author.get("username"), metadata=about)
    yield _owned(inbound, at, account, root, messages)


def _owned(inbound: Inbound, at: datetime, account: Account, root: str, messages: str) -> CustomerMessage:
    """People answer in public, never the bot; the thread of comments is one conversation for each who writes in it."""
    thread = Thread(thread_key(COMMENT, account.account, root), people=True, team=account.setting("comment_team") or None)
    return CustomerMessage(inbound, at, elsewhere=((messages, inbound.identity),), thread=thread)
