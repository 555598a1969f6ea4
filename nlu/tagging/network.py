"""The tagger's network as it serves, in numpy: characters, word, state and hints of a token; a BiLSTM; a linear chain over tags.

Lample et al. 2016 and Ma and Hovy 2016 (BiLSTM-CRF with words and characters), with the states of a sentence encoder beside them.
`nlu.tagging.fit` trains the same network in torch.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

from nlu.tagging.chain import best_tags, probabilities
from nlu.tagging.inputs import Decoded, Floats, Inputs, Numbers


class Network:
    """The network with its weights, named as `nlu.tagging.fit` writes them. Safe for several threads at once."""

    asked_bonus = 1.5
    """Added to the score of the slot just asked for, where training has not taught what being asked for means."""

    def __init__(self, weights: Mapping[str, Floats]) -> None:
        """Raises KeyError for a missing weight, ValueError for weights that do not fit together."""
        self._threads = ThreadpoolController()
        self._weights = w = {name: np.ascontiguousarray(value, dtype=np.float32) for name, value in weights.items()}
        scale = np.repeat(np.array([0.5, 0.5, 1, 0.5], dtype=np.float32), w["lstm.forward.recurrent"].shape[1])
        self._given, self._before, self._bias = (
            np.stack([w[f"lstm.{side}.{part}"].T * scale for side in ("forward", "backward")]) for part in ("input", "recurrent", "bias")
        )
        self._steps = np.exp(w["chain.follow"])
        tags, names = len(w["chain.start"]), ("words", "characters", "convolution", "output", "output.bias")
        if w["chain.follow"].shape != (tags, tags) or w["output"].shape[0] != tags or any(name not in w for name in names):
            raise ValueError("the weights of the tagger do not fit together")

    def decode(self, inputs: Inputs, bonus: Floats) -> Decoded:
        """The best tags of at least one token; `bonus` (tags,) is added to every token's score of a tag."""
        with self._threads.limit(limits=1, user_api="blas"):
            scores = self.scores(inputs) + bonus
            start = self._weights["chain.start"]
            return Decoded(best_tags(scores, start, self._weights["chain.follow"]), probabilities(scores, start, self._steps))

    def scores(self, inputs: Inputs) -> Floats:
        """Shape (n, tags), before the chain."""
        w = self._weights
        parts = [w["words"][inputs.words], self._spelling(inputs.characters), inputs.hints]
        if "states" in w:
            parts.append(np.tanh(inputs.states @ w["states"].T + w["states.bias"]))
        given = np.concatenate(parts, axis=1, dtype=np.float32)
        scores: Floats = self._read(given) @ w["output"].T + w["output.bias"]
        return scores

    def _spelling(self, characters: Numbers) -> Floats:
        w = self._weights
        looked = w["characters"][characters]
        edge = np.zeros_like(looked[:, :1])
        padded = np.concatenate([edge, looked, edge], axis=1)
        width = characters.shape[1]
        windows = np.concatenate([padded[:, i : i + width] for i in range(3)], axis=2)
        found: Floats = np.maximum(windows @ w["convolution"].T + w["convolution.bias"], 0).max(axis=1)
        return found

    def _read(self, given: Floats) -> Floats:
        """Both directions at once. The gates' logistic function is a tanh of half its argument, so one call does all four."""
        size = self._before.shape[1]
        gates = np.stack([given, given[::-1]]) @ self._given + self._bias[:, None]
        hidden, cell = np.zeros((2, 1, size), dtype=np.float32), np.zeros((2, size), dtype=np.float32)
        out = np.zeros((len(given), 2, size), dtype=np.float32)
        for row in range(len(given)):
            bent = np.tanh(gates[:, row] + (hidden @ self._before)[:, 0])
            opened = 0.5 * bent + 0.5
            cell = opened[:, size : 2 * size] * cell + opened[:, :size] * bent[:, 2 * size : 3 * size]
            out[row] = opened[:, 3 * size :] * np.tanh(cell)
            hidden = out[row][:, None]
        return np.concatenate([out[:, 0], out[::-1, 1]], axis=1)
