"""A hybrid pipeline of Haystack: BM25 and embeddings from its document store in memory, joined by reciprocal ranks.

Runs in Haystack's own environment: `python -m benchmarks.search_peers.haystack_side FOLDER`, where job.json has {"documents": [{"id",
"content"}], "questions": [text]}, both cut into words by the caller, so that Chinese has words too, and vectors.npz has `documents` and
`questions`, float32 (n, dimension), of one encoder. Writes found.json: for each question the ids, best first.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
from haystack import Document, Pipeline  # type: ignore[import-not-found]
from haystack.components.joiners import DocumentJoiner  # type: ignore[import-not-found]
from haystack.components.retrievers.in_memory import (  # type: ignore[import-not-found]
    InMemoryBM25Retriever,
    InMemoryEmbeddingRetriever,
)
from haystack.document_stores.in_memory import InMemoryDocumentStore  # type: ignore[import-not-found]

DEEP, DEPTH = 50, 10


def hybrid(store: InMemoryDocumentStore) -> Pipeline:
    """The pipeline of Haystack's own tutorial on hybrid retrieval, without a ranker."""
    pipeline = Pipeline()
    pipeline.add_component("words", InMemoryBM25Retriever(store, top_k=DEEP))
    pipeline.add_component("meaning", InMemoryEmbeddingRetriever(store, top_k=DEEP))
    pipeline.add_component("joined", DocumentJoiner(join_mode="reciprocal_rank_fusion", top_k=DEPTH))
    pipeline.connect("words", "joined")
    pipeline.connect("meaning", "joined")
    return pipeline


def main(folder: Path) -> None:
    """Asks every question of the job."""
    job, vectors = json.loads((folder / "job.json").read_text(encoding="utf-8")), np.load(folder / "vectors.npz")
    store = InMemoryDocumentStore(bm25_tokenization_regex=r"(?u)\w+", embedding_similarity_function="dot_product")
    store.write_documents(
        [
            Document(id=one["id"], content=one["content"], embedding=row.tolist())
            for one, row in zip(job["documents"], vectors["documents"], strict=True)
        ]
    )
    pipeline, found = hybrid(store), []
    for question, row in zip(job["questions"], vectors["questions"], strict=True):
        said = pipeline.run({"words": {"query": question}, "meaning": {"query_embedding": row.tolist()}})
        found.append([document.id for document in said["joined"]["documents"]])
    (folder / "found.json").write_text(json.dumps(found), encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
