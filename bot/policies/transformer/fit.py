"""`python -m bot.policies.transformer.fit JOB`: trains the learned policy's network (see network.py). It needs torch: a process of its own.

JOB holds settings.json and inputs.safetensors, both of `bot.policies.transformer.training`; the process says on its output how far it is
(a share from 0 to 1 a line) and adds weights.safetensors.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.numpy import load_file, save_file
from torch import nn
from torch.nn import functional

from bot.policies.transformer.network import EPSILON, FAR, HEADS, NEVER

MEMBERS, WIDTH, WIDE, LAYERS = 3, 32, 64, 2
RATE, WARM_UP, DECAY = 8e-3, 0.1, 0.02
MEAN_KEPT, SQUARES_KEPT = 0.9, 0.999
DROPOUT, TOKEN_DROPOUT, MOMENT_DROPOUT = 0.1, 0.05, 0.05
STRANGE = 0.1
"""Moments that are shown as if their message had never been heard of: what follows is the class of the unknown."""


SLOPES, COPY_SLOPE = (1.0, 0.5, 0.25, 0.0), 0.5


def _near(slopes: Any) -> Any:
    """What a head thinks of distances in the beginning (heads, distances): the nearer the better (Press et al. 2022)."""
    return -slopes[:, None] * torch.arange(FAR + 1)


class Net(nn.Module):  # type: ignore[misc]
    """The network of network.py in torch, all members at once: every weight is of shape (members, ...)."""

    def __init__(self, settings: dict[str, int]) -> None:
        """`settings`: how many tokens and classes there are, and how far a moment reaches (0: to the beginning)."""
        super().__init__()
        self.reach = settings["reach"]
        tokens = torch.randn(MEMBERS, settings["tokens"], WIDTH) * 0.3
        tokens[:, 0] = 0
        self.weights = nn.ParameterDict({"tokens": nn.Parameter(tokens)})
        self._add_bend("state_")
        self._add_norm("state_norm")
        for layer in range(LAYERS):
            for name in ("query", "key", "value", "mixed"):
                self._add(f"{layer}_{name}", WIDTH, WIDTH)
            self.weights[f"{layer}_distance"] = nn.Parameter(_near(torch.tensor(SLOPES)).expand(MEMBERS, -1, -1).clone())
            self._add_bend(f"{layer}_")
            self._add_norm(f"{layer}_norm")
            self._add_norm(f"{layer}_norm_wide")
        self._add_norm("norm")
        self._add("copy_query", WIDTH, WIDTH)
        self._add("copy_key", WIDTH, WIDTH)
        self._add("copy_gate", WIDTH, 1)
        self.weights["copy_gate_bias"] = nn.Parameter(torch.full((MEMBERS, 1, 1), -1.0))
        self.weights["copy_distance"] = nn.Parameter(_near(torch.tensor([COPY_SLOPE])).expand(MEMBERS, -1).clone())
        self._add("out", WIDTH, settings["classes"])
        self.weights["out_bias"] = nn.Parameter(torch.zeros(MEMBERS, 1, settings["classes"]))

    def _add(self, name: str, given: int, made: int) -> None:
        self.weights[name] = nn.Parameter(torch.randn(MEMBERS, given, made) * given**-0.5)

    def _add_bend(self, name: str) -> None:
        self._add(f"{name}wide", WIDTH, WIDE)
        self._add(f"{name}narrow", WIDE, WIDTH)
        self.weights[f"{name}wide_bias"] = nn.Parameter(torch.zeros(MEMBERS, 1, WIDE))
        self.weights[f"{name}narrow_bias"] = nn.Parameter(torch.zeros(MEMBERS, 1, WIDTH))

    def _add_norm(self, name: str) -> None:
        self.weights[name] = nn.Parameter(torch.ones(MEMBERS, WIDTH))

    def forward(self, bags: Any, acted: Any) -> tuple[Any, Any, Any]:
        """Scores (members, moments of all talks, classes), the gate of copying, and from where to copy (members, talks, moments, moments).

        `bags`: the tokens' weights (talks, moments, tokens). `acted`: the class of each moment's last action (talks, moments), -1 for none.
        """
        talks, moments, tokens = bags.shape
        if self.training:
            bags = bags * (torch.rand(bags.shape) >= TOKEN_DROPOUT) * (torch.rand(talks, moments, 1) >= MOMENT_DROPOUT)
        hidden = torch.bmm(bags.view(1, talks * moments, tokens).expand(MEMBERS, -1, -1), self.weights["tokens"])
        hidden = hidden + self._bent(self._normed(hidden, "state_norm"), "state_")
        alone = self._normed(hidden, "norm")
        for layer in range(LAYERS):
            hidden = hidden + self._attended(self._normed(hidden, f"{layer}_norm"), f"{layer}_", (talks, moments))
            hidden = hidden + self._bent(self._normed(hidden, f"{layer}_norm_wide"), f"{layer}_")
        last = self._normed(hidden, "norm")
        made = torch.baddbmm(self.weights["out_bias"], last, self.weights["out"])
        return made, *self._copied(last, alone, acted)

    def _copied(self, last: Any, alone: Any, acted: Any) -> tuple[Any, Any]:
        w, (talks, moments) = self.weights, acted.shape
        query = torch.bmm(last, w["copy_query"]).view(MEMBERS, talks, moments, WIDTH)
        key = torch.bmm(alone, w["copy_key"]).view(MEMBERS, talks, moments, WIDTH)
        distance = torch.arange(moments)[:, None] - torch.arange(moments)[None, :]
        scores = query @ key.transpose(-1, -2) / WIDTH**0.5 + w["copy_distance"][:, distance.clamp(0, FAR)].unsqueeze(1)
        unseen = (distance < 0) | (distance >= (self.reach or moments)) | (acted < 0)[:, None]
        seen = torch.softmax(scores.masked_fill(unseen, NEVER), -1).masked_fill(unseen, 0.0)
        gate = torch.baddbmm(w["copy_gate_bias"], last, w["copy_gate"])[..., 0]
        return gate, seen

    def _bent(self, given: Any, name: str) -> Any:
        w = self.weights
        wide = torch.relu(torch.baddbmm(w[f"{name}wide_bias"], given, w[f"{name}wide"]))
        return self._dropped(torch.baddbmm(w[f"{name}narrow_bias"], wide, w[f"{name}narrow"]))

    def _attended(self, given: Any, name: str, shape: tuple[int, int]) -> Any:
        w, (talks, moments) = self.weights, shape

        def heads(part: str) -> Any:
            return torch.bmm(given, w[name + part]).view(MEMBERS, talks, moments, HEADS, WIDTH // HEADS).transpose(2, 3)

        query, key, value = heads("query"), heads("key"), heads("value")
        distance = torch.arange(moments)[:, None] - torch.arange(moments)[None, :]
        nearness = w[f"{name}distance"][:, :, distance.clamp(0, FAR)].unsqueeze(1)
        scores = query @ key.transpose(-1, -2) / (WIDTH // HEADS) ** 0.5 + nearness
        unseen = (distance < 0) | (distance >= (self.reach or moments))
        seen = torch.softmax(scores.masked_fill(unseen, NEVER), -1) @ value
        merged = seen.transpose(2, 3).reshape(MEMBERS, talks * moments, WIDTH)
        return self._dropped(torch.bmm(merged, w[f"{name}mixed"]))

    def _normed(self, given: Any, name: str) -> Any:
        return functional.layer_norm(given, (WIDTH,), eps=EPSILON) * self.weights[name][:, None]

    def _dropped(self, given: Any) -> Any:
        return functional.dropout(given, DROPOUT, self.training)

    def as_numpy(self) -> dict[str, np.ndarray[Any, Any]]:
        """As network.py names them."""
        return {name.replace("_", "."): value.detach().numpy().copy() for name, value in self.weights.items()}


class Talks:
    """The talks to learn from, as numbers of states and of classes (-1: nothing), and what each state holds."""

    def __init__(self, inputs: dict[str, np.ndarray[Any, Any]], classes: int) -> None:
        """`inputs` as `bot.policies.transformer.training` writes them."""
        found = {name: torch.from_numpy(value) for name, value in inputs.items()}
        self.states, self.labels = found["states"], found["labels"]
        self.numbers, self.weights, self.strange = found["numbers"], found["weights"], found["strange"]
        self.acted, self.heard, self.unknown = found["acted"], found["heard"], classes - 1

    def batch(self, rows: Any) -> tuple[Any, Any, Any]:
        """(bags, last actions, classes) of the talks `rows`, cut to the longest of them. Some messages are shown as never heard of."""
        longest = int((self.labels[rows] >= 0).any(0).nonzero().max()) + 1
        states, labels = self.states[rows, :longest], self.labels[rows, :longest]
        numbers, other = self.numbers[states], self.strange[self.numbers[states]]
        strange = (other != numbers).any(-1) & (torch.rand(labels.shape) < STRANGE) & (labels >= 0)
        numbers = torch.where(strange.unsqueeze(-1), other, numbers)
        bags = torch.zeros(*states.shape, len(self.strange)).scatter_add_(2, numbers, self.weights[states])
        return bags, self.acted[states], torch.where(strange & self.heard[states], self.unknown, labels)


class Adam:
    """Adam (Kingma and Ba 2015) with decoupled decay of the weights (Loshchilov and Hutter 2019), as `torch.optim.AdamW` does it.

    That class imports torch's compiler, which takes longer than the training of a small project.
    """

    def __init__(self, weights: list[Any]) -> None:
        """`weights` are changed in place."""
        self.weights, self.steps = weights, 0
        self.means, self.squares = ([torch.zeros_like(weight) for weight in weights] for _ in range(2))

    def step(self, rate: float) -> None:
        """Goes down the gradients, which are cut to length 5 and then forgotten."""
        self.steps += 1
        nn.utils.clip_grad_norm_(self.weights, 5.0)
        even, even_squares = 1 - MEAN_KEPT**self.steps, 1 - SQUARES_KEPT**self.steps
        with torch.no_grad():
            for weight, mean, square in zip(self.weights, self.means, self.squares, strict=True):
                mean.lerp_(weight.grad, 1 - MEAN_KEPT)
                square.mul_(SQUARES_KEPT).addcmul_(weight.grad, weight.grad, value=1 - SQUARES_KEPT)
                weight.mul_(1 - rate * DECAY)
                weight.addcdiv_(mean, (square / even_squares).sqrt().add_(1e-8), value=-rate / even)
                weight.grad = None


def fit(settings: dict[str, int], inputs: dict[str, np.ndarray[Any, Any]], said: Callable[[float], None]) -> dict[str, Any]:
    """The trained weights. Deterministic on one machine."""
    torch.manual_seed(settings["seed"])
    talks, net = Talks(inputs, settings["classes"]), Net(settings)
    steps, batch, warm = settings["steps"], settings["batch"], max(1, int(WARM_UP * settings["steps"]))
    optimiser = Adam(list(net.parameters()))
    net.train()
    order = torch.empty(0, dtype=torch.int64)
    for step in range(steps):
        while len(order) < batch:
            order = torch.cat([order, torch.randperm(len(talks.states))])
        rows, order = order[:batch], order[batch:]
        bags, acted, labels = talks.batch(rows)
        loss = _loss(net(bags, acted), acted, labels)
        loss.backward()
        optimiser.step(RATE * min((step + 1) / warm, max(0.02, (steps - step) / (steps - warm + 1))))
        if step % 10 == 9 or step == steps - 1:
            said((step + 1) / steps)
    return net.as_numpy()


def _loss(found: tuple[Any, Any, Any], acted: Any, labels: Any) -> Any:
    """Negative log-likelihood of the actions, each either made or copied from where it stands; summed over members."""
    made, gate, seen = found
    wanted = labels.reshape(-1)
    known = wanted >= 0
    log_made = torch.log_softmax(made[:, known], -1)
    right = log_made.gather(-1, wanted[known].view(1, -1, 1).expand(MEMBERS, -1, 1))[..., 0]
    copied = (seen * (acted[:, None, :] == labels[:, :, None])).sum(-1).flatten(1)[:, known]
    gate = gate[:, known]
    mixed = torch.logaddexp(functional.logsigmoid(-gate) + right, functional.logsigmoid(gate) + copied.clamp_min(1e-9).log())
    return -mixed.mean() * MEMBERS


def _say(share: float) -> None:
    sys.stdout.write(f"{share:.4f}\n")
    sys.stdout.flush()


def run(folder: Path) -> None:
    """The training of a job."""
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    settings = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
    save_file(fit(settings, load_file(folder / "inputs.safetensors"), _say), folder / "weights.safetensors")


if __name__ == "__main__":
    run(Path(sys.argv[1]))
