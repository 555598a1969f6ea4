"""`python -m nlu.tagging.fit JOB`: trains the tagger's network (see network.py). It needs torch: a process of its own.

JOB holds settings.json and inputs.safetensors, both of `nlu.tagging.training`; the process adds weights.safetensors. The loss is that of
the whole sequence of tags (Lafferty et al. 2001), with the sums of its chain taken in probabilities rather than logarithms for speed.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from torch import nn

from nlu.tagging.chain import NEVER
from nlu.tagging.features import UNKNOWN
from nlu.tagging.labels import may_follow

WORD, CHARACTER, SPELLING, STATE, HIDDEN = 64, 24, 48, 192, 128
DROPOUT, WORD_DROPOUT = 0.4, 0.1
RATE, CHAIN_RATE, WARM_UP = 2e-3, 1e-2, 0.05
POOL = 16
SEED = 20
HINT_DROPOUT = 0.3
"""Sentences whose lookup hints are hidden: the tagger must not lean on tables that hold all it has seen."""


class Chain(nn.Module):  # type: ignore[misc]
    """Scores of one tag after the other."""

    def __init__(self, labels: int) -> None:
        """`labels`: how many; tags as in labels.py."""
        super().__init__()
        allowed = torch.tensor(may_follow(labels))
        self.follow, self.start = (nn.Parameter(torch.zeros(*shape)) for shape in (allowed.shape, allowed.shape[:1]))
        self.register_buffer("never", torch.where(allowed, 0.0, NEVER))

    def follows(self) -> Any:
        """From row to column, shape (tags, tags)."""
        return self.follow + self.never

    def starts(self) -> Any:
        """Of a first token, shape (tags,)."""
        return self.start + self.never[0]

    def loss(self, scores: Any, tags: Any, lengths: Any) -> Any:
        """Negative log-likelihood of `tags`, mean over sentences."""
        follow = self.follows()
        steps, total = follow.exp(), self.starts() + scores[:, 0]
        gold = total.gather(1, tags[:, :1])[:, 0]
        for i in range(1, scores.shape[1]):
            most = total.max(1, keepdim=True).values
            further = ((total - most).exp() @ steps).clamp_min(1e-30).log() + most + scores[:, i]
            here = follow[tags[:, i - 1], tags[:, i]] + scores[:, i].gather(1, tags[:, i : i + 1])[:, 0]
            live = i < lengths
            total = torch.where(live[:, None], further, total)
            gold = gold + torch.where(live, here, 0.0)
        return (torch.logsumexp(total, 1) - gold).mean()


class Net(nn.Module):  # type: ignore[misc]
    """The network of network.py, in torch."""

    def __init__(self, settings: dict[str, int]) -> None:
        """`settings`: how many words, characters, hints, free hints (never hidden), states and labels there are."""
        super().__init__()
        self.free = settings["free"]
        self.words = nn.Embedding(settings["words"], WORD, padding_idx=0)
        nn.init.normal_(self.words.weight, 0, 0.1)
        self.characters = nn.Embedding(settings["characters"], CHARACTER, padding_idx=0)
        self.convolution = nn.Conv1d(CHARACTER, SPELLING, 3, padding=1)
        self.states = nn.Linear(settings["states"], STATE) if settings["states"] else None
        width = WORD + SPELLING + settings["hints"] + (STATE if self.states else 0)
        self.lstm = nn.LSTM(width, HIDDEN, batch_first=True, bidirectional=True)
        self.output = nn.Linear(2 * HIDDEN, 1 + 2 * settings["labels"])
        self.chain, self.drop = Chain(settings["labels"]), nn.Dropout(DROPOUT)

    def forward(self, batch: dict[str, Any]) -> Any:
        """Scores, shape (sentences, tokens, tags)."""
        count, width = batch["words"].shape
        spelled = self.characters(batch["characters"].view(count * width, -1)).transpose(1, 2)
        spelled = torch.relu(self.convolution(spelled)).max(2).values.view(count, width, -1)
        words, hints = self._hidden(batch["words"], batch["hints"])
        parts = [self.words(words), spelled, hints]
        if self.states is not None:
            parts.append(torch.tanh(self.states(self.drop(batch["states"]))))
        packed = nn.utils.rnn.pack_padded_sequence(
            self.drop(torch.cat(parts, -1)), batch["lengths"], batch_first=True, enforce_sorted=False
        )
        read, _ = nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return self.output(self.drop(read))

    def _hidden(self, words: Any, hints: Any) -> tuple[Any, Any]:
        if not self.training:
            return words, hints
        words = torch.where(torch.rand(words.shape) < WORD_DROPOUT, UNKNOWN, words)
        shown = (torch.rand(len(hints), 1, 1) >= HINT_DROPOUT).float().repeat(1, 1, hints.shape[2])
        shown[..., : self.free] = 1
        return words, hints * shown

    def weights(self) -> dict[str, np.ndarray[Any, Any]]:
        """As network.py names them."""
        own = {name: value.detach() for name, value in self.state_dict().items()}
        found = {
            "words": own["words.weight"],
            "characters": own["characters.weight"],
            "convolution": own["convolution.weight"].permute(0, 2, 1).reshape(SPELLING, -1),
            "convolution.bias": own["convolution.bias"],
            "output": own["output.weight"],
            "output.bias": own["output.bias"],
            "chain.follow": self.chain.follows().detach(),
            "chain.start": self.chain.starts().detach(),
        }
        if self.states is not None:
            found |= {"states": own["states.weight"], "states.bias": own["states.bias"]}
        for side, end in (("forward", ""), ("backward", "_reverse")):
            found[f"lstm.{side}.input"] = own[f"lstm.weight_ih_l0{end}"]
            found[f"lstm.{side}.recurrent"] = own[f"lstm.weight_hh_l0{end}"]
            found[f"lstm.{side}.bias"] = own[f"lstm.bias_ih_l0{end}"] + own[f"lstm.bias_hh_l0{end}"]
        return {name: np.ascontiguousarray(value.numpy(), dtype=np.float32) for name, value in found.items()}


class Rows:
    """The tokens of all sentences, one after the other, cut into padded batches."""

    def __init__(self, inputs: dict[str, np.ndarray[Any, Any]]) -> None:
        """`inputs` as `nlu.tagging.training` writes them."""
        self.lengths = inputs.pop("lengths").tolist()
        self._inputs, self._ends = inputs, np.cumsum([0, *self.lengths])

    def batch(self, rows: Sequence[int]) -> dict[str, Any]:
        """The sentences `rows`."""
        longest = max(self.lengths[i] for i in rows)
        out: dict[str, Any] = {}
        for name, values in self._inputs.items():
            kind = np.float32 if values.dtype.kind == "f" else np.int64
            padded = np.zeros((len(rows), longest, *values.shape[1:]), dtype=kind)
            for place, row in enumerate(rows):
                padded[place, : self.lengths[row]] = values[self._ends[row] : self._ends[row + 1]]
            out[name] = torch.from_numpy(padded)
        out["lengths"] = torch.tensor([self.lengths[i] for i in rows])
        return out

    def plan(self, epochs: int, size: int) -> list[list[int]]:
        """Shuffled batches of `size` sentences of like length, for all passes."""
        order, found = random.Random(SEED), []  # noqa: S311
        for _ in range(epochs):
            rows = order.sample(range(len(self.lengths)), len(self.lengths))
            pools = [sorted(rows[i : i + POOL * size], key=lambda r: self.lengths[r]) for i in range(0, len(rows), POOL * size)]
            cut = [pool[i : i + size] for pool in pools for i in range(0, len(pool), size)]
            found += order.sample(cut, len(cut))
        return found


def _memory(steps: int) -> float:
    """The share of the running mean of weights that a step keeps: it spans about a tenth of the training (Polyak and Juditsky 1992)."""
    return 1 - min(0.2, 10 / max(1, steps))


def fit(settings: dict[str, int], inputs: dict[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    """The trained weights. Deterministic on one machine."""
    torch.manual_seed(SEED)
    rows, net = Rows(inputs), Net(settings)
    chain = list(net.chain.parameters())
    others = [weight for name, weight in net.named_parameters() if not name.startswith("chain.")]
    optimiser = torch.optim.AdamW([{"params": others, "lr": RATE}, {"params": chain, "lr": CHAIN_RATE}], weight_decay=0.01)
    batches = rows.plan(settings["epochs"], settings["batch"])
    total, warm = len(batches), 1 + WARM_UP * len(batches)
    slope = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda i: min((i + 1) / warm, (total - i) / total / (1 - WARM_UP)))
    mean = torch.optim.swa_utils.AveragedModel(net, multi_avg_fn=torch.optim.swa_utils.get_ema_multi_avg_fn(_memory(total)))
    net.train()
    for numbers in batches:
        batch = rows.batch(numbers)
        loss = net.chain.loss(net(batch), batch["tags"], batch["lengths"])
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        slope.step()
        mean.update_parameters(net)
    found: Net = mean.module.eval()
    return found.weights()


def run(folder: Path) -> None:
    """The training of a job."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    save_file(fit(settings, load_file(folder / "inputs.safetensors")), folder / "weights.safetensors")


if __name__ == "__main__":
    run(Path(sys.argv[1]))
