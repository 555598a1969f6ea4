"""The fake of the `Embedder` port: hashed character trigrams, so that like spelling gives like vectors."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from knowledge.building import index_drafts
from knowledge.ports import Vectors
from knowledge.search import SearchIndex
from knowledge.types import ArticleDraft


class HashingEmbedder:
    """No weights, the same in every process. `calls` counts the texts that were encoded."""

    dimension = 256

    def __init__(self, name: str = "hashing") -> None:
        self.name = name
        self.calls = 0

    def encode(self, texts: Sequence[str]) -> Vectors:
        self.calls += len(texts)
        vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for row, text in enumerate(texts):
            padded = f"  {text.lower()} "
            for start in range(len(padded) - 2):
                digest = hashlib.blake2b(padded[start : start + 3].encode(), digest_size=4, person=self.name.encode()[:16]).digest()
                vectors[row, int.from_bytes(digest, "big") % self.dimension] += 1.0
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        found: Vectors = (vectors / np.maximum(lengths, 1e-9)).astype(np.float32)
        return found


RETURNS = ArticleDraft(
    "return-policy",
    "en",
    "What is your return policy?",
    "You can return an item within 30 days of delivery.\n\n## What does a return cost?\n\nPostage of MOP 40 is taken off your refund.",
    "returns",
    ("send back",),
)
RETURNS_ZH = ArticleDraft(
    "return-policy",
    "zh-Hant",
    "退貨政策是怎樣的？",
    "收貨後 30 天內可以退貨。\n\n## 退貨要付多少費用？\n\n郵費 40 澳門元由退款中扣除。",
    "returns",
)
RETURNS_PT = ArticleDraft(
    "return-policy", "pt", "Qual é a política de devoluções?", "Pode devolver um artigo no prazo de 30 dias.", "returns"
)
HOURS = ArticleDraft("store-hours", "en", "When are the stores open?", "Both stores are open from ten to eight every day.", "stores")
GIFTS = ArticleDraft("gift-cards", "en", "How do gift cards work?", "A gift card is valid for 24 months and can pay in parts.", "gifts")
PRICES = ArticleDraft(
    "supplier-prices", "en", "What do suppliers charge?", "The secret supplier discount is forty percent.", "desk", (), "internal"
)
SHOP = (RETURNS, RETURNS_ZH, RETURNS_PT, HOURS, GIFTS, PRICES)


def index_of(drafts: Sequence[ArticleDraft] = SHOP) -> SearchIndex:
    """An index of drafts with the fake encoder."""
    return index_drafts(drafts, HashingEmbedder())
