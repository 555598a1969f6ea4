"""What was learned, as it serves and as a folder of safetensors and JSON. Never imports torch."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from bot.policies.transformer.errors import PolicyModelError
from bot.policies.transformer.features import Vocabulary, classes_of_actions
from bot.policies.transformer.network import Floats, Network
from bot.policies.transformer.novelty import Before, trust
from bot.policies.transformer.sequences import LONGEST
from bot.states import State

KIND, FORMAT = "baton-policy", 1
MANIFEST, TENSORS = "policy.json", "policy.safetensors"
_RETRAIN = "Train the bot again."


@dataclass(frozen=True)
class PolicyModel:
    """The learned policy: `classes` are the actions that stories lead to, `actions` all of the project; no network: nothing learned."""

    vocabulary: Vocabulary
    classes: tuple[str, ...]
    actions: tuple[str, ...]
    max_history: int | None
    network: Network | None
    before: Before

    def predict(self, states: Sequence[State]) -> tuple[tuple[str, float], ...]:
        """Every action with its probability, the likeliest first; they sum to 1. Empty when nothing was learned or `states` is empty.

        What the network gives to "unlike anything in the stories" and what is not to be trusted (novelty.py) is spread over all.
        """
        if self.network is None or not states:
            return ()
        recent = list(states)[-min(LONGEST, self.max_history or LONGEST) :]
        numbers, weights = self.vocabulary.encode(recent)
        found = self.network.probabilities(numbers, weights, classes_of_actions(recent, self.classes), reach=self.max_history)
        trusted = trust(states, self.before)
        spread = (1 - trusted + trusted * float(found[-1])) / len(self.actions)
        known = dict(zip(self.classes, found[:-1].tolist(), strict=True))
        ranked = [(action, trusted * known.get(action, 0.0) + spread) for action in self.actions]
        return tuple(sorted(ranked, key=lambda pair: (-pair[1], pair[0])))

    def save(self, folder: Path | str) -> None:
        """Writes the folder beside its place and renames it there; a model that was there is replaced. Equal models give equal bytes.

        Raises PolicyModelError when something else than a model is there.
        """
        out = Path(folder)
        if out.exists() and (out.is_file() or (any(out.iterdir()) and not (out / MANIFEST).is_file())):
            raise PolicyModelError(f"{out} holds something that is not a learned policy.", hint="Choose an empty or new folder.")
        out.parent.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            work.chmod(0o755)
            for name, content in self._files().items():
                (work / name).write_bytes(content)
            old = Path(tempfile.mkdtemp(prefix=f".{out.name}-old-", dir=out.parent))
            if out.exists():
                os.rename(out, old / "was")  # noqa: PTH104
            os.rename(work, out)  # noqa: PTH104
            shutil.rmtree(old, ignore_errors=True)
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _files(self) -> dict[str, bytes]:
        from safetensors.numpy import save

        tensors = save(dict(sorted(self.network.weights.items())) if self.network else {})
        head: dict[str, Any] = {
            "kind": KIND,
            "format": FORMAT,
            "tokens": list(self.vocabulary.tokens),
            "classes": list(self.classes),
            "actions": list(self.actions),
            "max_history": self.max_history,
            "before": {intent: sorted(actions) for intent, actions in self.before.items()},
            "learned": self.network is not None,
            "tensors": hashlib.sha256(tensors).hexdigest(),
        }
        return {TENSORS: tensors, MANIFEST: _json({**head, "checksum": _checksum(head)})}

    @classmethod
    def load(cls, folder: Path | str) -> PolicyModel:
        """The model of a folder. Raises PolicyModelError when it is missing, cut off, changed, foreign or of another format version."""
        folder = Path(folder)
        head = _read_manifest(folder)
        try:
            content = (folder / TENSORS).read_bytes()
        except OSError:
            raise PolicyModelError(f"The learned policy in {folder} lacks {TENSORS}.", hint=_RETRAIN) from None
        if hashlib.sha256(content).hexdigest() != head["tensors"]:
            raise PolicyModelError(f"{TENSORS} of the learned policy in {folder} is damaged.", hint=_RETRAIN)
        try:
            return cls(
                Vocabulary(tuple(head["tokens"])),
                tuple(head["classes"]),
                tuple(head["actions"]),
                head["max_history"],
                _network(content, head) if head["learned"] else None,
                {intent: frozenset(actions) for intent, actions in head["before"].items()},
            )
        except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
            raise PolicyModelError(f"The learned policy in {folder} cannot be read: {error}", hint=_RETRAIN) from None


def _network(content: bytes, head: Mapping[str, Any]) -> Network:
    from safetensors.numpy import load

    weights: dict[str, Floats] = load(content)
    network = Network(weights)
    if (network.tokens, network.classes) != (len(head["tokens"]), len(head["classes"]) + 1):
        raise ValueError("tokens, actions and weights do not fit together")
    if any(not np.isfinite(value).all() for value in weights.values()):
        raise ValueError("a weight is not a number")
    return network


def _read_manifest(folder: Path) -> dict[str, Any]:
    try:
        head = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except OSError:
        raise PolicyModelError(f"There is no learned policy in {folder}.", hint=_RETRAIN) from None
    except ValueError:
        raise PolicyModelError(f"{MANIFEST} of the learned policy in {folder} is damaged.", hint=_RETRAIN) from None
    if not isinstance(head, dict) or head.get("kind") != KIND:
        raise PolicyModelError(f"{folder} is not a learned policy.", hint=_RETRAIN)
    if head.get("format") != FORMAT:
        raise PolicyModelError(
            f"The learned policy in {folder} has format {head.get('format')}, this program reads {FORMAT}.", hint=_RETRAIN
        )
    if head.pop("checksum", None) != _checksum(head):
        raise PolicyModelError(f"{MANIFEST} of the learned policy in {folder} is damaged.", hint=_RETRAIN)
    return head


def _json(value: Mapping[str, Any]) -> bytes:
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode("utf-8", "replace")


def _checksum(head: Mapping[str, Any]) -> str:
    return hashlib.sha256(_json(head)).hexdigest()
