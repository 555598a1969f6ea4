"""An index of articles outside of any database: for measuring, for trying out, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence

from knowledge.dense import embed_views, views
from knowledge.entries import Entry
from knowledge.passages import cut
from knowledge.ports import Embedder
from knowledge.search import SearchIndex
from knowledge.types import ArticleDraft


def index_drafts(drafts: Sequence[ArticleDraft], embedder: Embedder) -> SearchIndex:
    """An index, not calibrated, of articles with their tags and questions as they lie in their files."""
    cuts = [(passage, draft, (draft.questions or ()) if passage.ordinal == 0 else ()) for draft in drafts for passage in cut(draft)]
    vectors = embed_views([views(passage, draft.tags, questions) for passage, draft, questions in cuts], embedder)
    entries = [
        Entry(passage, rows, draft.audience, draft.category, draft.tags, questions)
        for (passage, draft, questions), rows in zip(cuts, vectors, strict=True)
    ]
    return SearchIndex(entries, embedder)
