"""`python -m nlu.encoders.tune_minilm JOB`: fine-tunes MiniLM, or another model, on the sentences of a job folder.

It needs torch: a process of its own.
The loss is the normalised softmax over one learned proxy a class (Movshovitz-Attias et al. 2017, Proxy-NCA; Zhai and Wu 2019): cosine to
the proxies, which begin as class means, over a temperature; and supervised contrast within the batch (Khosla et al. 2020). It wants few
passes over the sentences, where sampled pairs (SetFit, Tunstall et al. 2022) want many.
JOB holds job.json {"texts", "labels", "held", "base"}; the process adds model.onnx, tuned on all rows that have a label (>= 0), and
held.npy: vectors of all texts by a network that was tuned without the held rows, so that scores on these are honest. "base" is None for
MiniLM, or {"folder", "integers", "prefix"} of a sentence-transformers model (any transformers checkpoint is one, its states averaged).
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nlu.encoders.exporting import SentenceVectors, TokenStates, write_graph
from nlu.encoders.exports import refuse
from nlu.encoders.minilm import weights_folder
from nlu.errors import EncoderError

BATCH = 32
BUCKET = 8
TOKENS = 64
RATE, PROXY_RATE = 5e-5, 1e-3
TEMPERATURE = 0.1
WARM_UP = 0.1
MOST_EPOCHS, FEWEST_EPOCHS, SENTENCES = 6.0, 2.0, 9_000
SEED = 20


def epochs_for(count: int) -> float:
    """Passes over `count` sentences: many over few, few over many."""
    return min(MOST_EPOCHS, max(FEWEST_EPOCHS, SENTENCES / max(1, count)))


@dataclass(frozen=True)
class Base:
    """What tuning starts from: a network of ids and mask, whose `frozen` weights stay, and how it is written."""

    network: torch.nn.Module
    tokenizer: Any
    frozen: Sequence[Any]
    output: str
    integers: bool
    prefix: str = ""


def load_network() -> Any:
    """The published MiniLM, in torch, on one thread."""
    from transformers import AutoModel

    torch.set_num_threads(1)
    return AutoModel.from_pretrained(str(weights_folder()), attn_implementation="eager", dtype=torch.float32).eval()


def open_base(given: dict[str, Any] | None) -> Base:
    """The base of a job, freshly loaded. Word vectors stay as they are: they are not part of what is written."""
    if given is None:
        from tokenizers import Tokenizer

        model = load_network()
        tokenizer = Tokenizer.from_file(str(weights_folder() / "tokenizer.json"))
        return Base(TokenStates(model), tokenizer, list(model.embeddings.parameters()), "states", integers=True)
    from nlu.encoders.export_sentence_transformer import load_model

    model = load_model(Path(given["folder"]))
    words = list(model[0].auto_model.get_input_embeddings().parameters())
    tokenizer = model.tokenizer.backend_tokenizer
    return Base(SentenceVectors(model), tokenizer, words, "vectors", integers=bool(given["integers"]), prefix=given["prefix"])


class Tuner:
    """One network being tuned."""

    def __init__(self, base: Base) -> None:
        """`base` is changed."""
        self._base, self.model = base, base.network
        for weight in base.frozen:
            weight.requires_grad = False
        self._tokenizer = base.tokenizer
        self._tokenizer.enable_truncation(TOKENS)
        padding = self._tokenizer.padding or {}
        self._tokenizer.enable_padding(pad_id=padding.get("pad_id", 0), pad_token=padding.get("pad_token", "[PAD]"))

    def vectors(self, texts: Sequence[str]) -> Any:
        """Vectors of length 1, a torch tensor (n, width)."""
        encodings = self._tokenizer.encode_batch([self._base.prefix + text for text in texts])
        ids = torch.tensor([e.ids for e in encodings])
        mask = torch.tensor([e.attention_mask for e in encodings])
        found = self.model(ids, mask)
        if found.dim() == 3:
            weight = mask[:, :, None].float()
            found = (found * weight).sum(1) / weight.sum(1)
        return torch.nn.functional.normalize(found, dim=1)

    def write(self, path: Path) -> None:
        """The network as an ONNX graph, without its word vectors."""
        write_graph(self.model, path, self._base.output, integers=self._base.integers)

    def encode(self, texts: Sequence[str]) -> np.ndarray[Any, np.dtype[np.float32]]:
        """`vectors` without gradients, in batches of like length."""
        self.model.eval()
        order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
        parts = [order[i : i + 2 * BATCH] for i in range(0, len(order), 2 * BATCH)]
        with torch.no_grad():
            found = np.vstack([self.vectors([texts[i] for i in part]).numpy() for part in parts])
        out = np.zeros_like(found)
        out[[i for part in parts for i in part]] = found
        return out

    def tune(self, texts: Sequence[str], labels: Sequence[int]) -> None:
        """Trains the network on the sentences and their classes."""
        known = sorted(set(labels))
        target = torch.tensor([known.index(label) for label in labels])
        begin = torch.tensor(self.encode(texts))
        means = torch.stack([begin[target == k].mean(0) for k in range(len(known))])
        proxies = torch.nn.Parameter(torch.nn.functional.normalize(means, dim=1))
        batches = list(_batches([len(text) for text in texts]))
        weights = [p for p in self.model.parameters() if p.requires_grad]
        groups = [{"params": weights, "lr": RATE}, {"params": [proxies], "lr": PROXY_RATE}]
        optimiser = torch.optim.AdamW(groups, weight_decay=0.01)
        warm, total = max(1, round(WARM_UP * len(batches))), len(batches)
        slope = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda i: min((i + 1) / warm, (total - i) / max(1, total - warm)))
        self.model.train()
        for batch in batches:
            loss = _loss(self.vectors([texts[i] for i in batch]), target[batch], proxies)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimiser.step()
            slope.step()
        self.model.eval()


def _loss(vectors: Any, target: Any, proxies: Any) -> Any:
    """Cross-entropy over the proxies, and over the batch's other sentences for those that have one of their class there."""
    to_proxies = vectors @ torch.nn.functional.normalize(proxies, dim=1).T
    loss = torch.nn.functional.cross_entropy(to_proxies / TEMPERATURE, target)
    itself = torch.eye(len(target), dtype=torch.bool)
    logs = torch.log_softmax((vectors @ vectors.T / TEMPERATURE).masked_fill(itself, -1e9), dim=1)
    same = (target[:, None] == target[None]) & ~itself
    count = same.sum(1)
    if not bool(count.any()):
        return loss
    return loss + (-(logs * same).sum(1)[count > 0] / count[count > 0]).mean()


def _batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Shuffled batches of sentences of like length, so that little is padding; a part of the last pass may be left out."""
    order = random.Random(SEED)  # noqa: S311
    left = round(epochs_for(len(lengths)) * len(lengths))
    while left > 0:
        rows = order.sample(range(len(lengths)), len(lengths))[:left]
        left -= len(rows)
        pools = [sorted(rows[i : i + BUCKET * BATCH], key=lambda i: lengths[i]) for i in range(0, len(rows), BUCKET * BATCH)]
        cut = [pool[i : i + BATCH] for pool in pools for i in range(0, len(pool), BATCH)]
        yield from order.sample(cut, len(cut))


def run(folder: Path) -> None:
    """The two tunings of a job. Raises EncoderError when the base cannot be read."""
    torch.use_deterministic_algorithms(True)
    job = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    texts, labels, held = job["texts"], job["labels"], set(job["held"])
    learned = [i for i, label in enumerate(labels) if label >= 0]
    kept = [i for i in learned if i not in held]
    partly = _tuned(job, kept)
    np.save(folder / "held.npy", partly.encode(texts))
    del partly
    _tuned(job, learned).write(folder / "model.onnx")


def _tuned(job: dict[str, Any], rows: Sequence[int]) -> Tuner:
    torch.manual_seed(SEED)
    tuner = Tuner(open_base(job.get("base")))
    tuner.tune([job["texts"][i] for i in rows], [job["labels"][i] for i in rows])
    return tuner


if __name__ == "__main__":
    try:
        run(Path(sys.argv[1]))
    except EncoderError as refused:
        refuse(refused)
