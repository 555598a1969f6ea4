"""Kinds of threads: chats share one key (`messaging`); a mail thread and the comments under a post have keys of their own, `kind:name`."""

from __future__ import annotations

import hashlib

MAIL = "mail"
COMMENT = "comment"


def thread_key(kind: str, *names: str) -> str:
    """The key of a thread: the same for the same names, of a fixed length, saying nothing of them."""
    return f"{kind}:{hashlib.sha256(chr(0).join(names).encode()).hexdigest()[:40]}"


def kind_of(key: str) -> str:
    """The kind of a thread by its key; for chats the key itself."""
    return key.partition(":")[0]


def is_chat(key: str) -> bool:
    """Whether short sentences of the system ("Ann has joined") belong there. In a mail or under a public post they do not."""
    return kind_of(key) not in {MAIL, COMMENT}
