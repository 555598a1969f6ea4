"""A bot's project of three intents in Rasa's layout, small enough to be trained in seconds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

INTENTS: dict[str, Sequence[str]] = {
    "greet": ("hello there", "good morning", "hi bot", "good evening to you", "hey, anybody here", "greetings", "howdy", "hello again"),
    "track_order": (
        "where is my parcel", "has my order been sent", "i am waiting for my package", "track my delivery", "when will the parcel arrive",
        "my order has not come yet", "what is the status of my order", "is it on its way",
    ),
    "opening_hours": (
        "when do you open", "are you open on sunday", "what are your opening hours", "how late is the shop open", "is it closed today",
        "until when are you open", "at what time do you close", "opening times please",
    ),
}  # fmt: skip
_CONFIG = """language: en
pipeline:
- {name: FallbackClassifier, threshold: 0.3, ambiguity_threshold: 0.0}
policies:
- name: RulePolicy
  core_fallback_action_name: action_default_fallback
"""


def write_small_project(root: Path, *, extra: dict[str, Sequence[str]] | None = None, names: Sequence[str] = ()) -> Path:
    """Writes the project to `root`; `extra` adds sentences, `names` intents that the bot answers with `utter_<name>`."""
    known = [*INTENTS, *names]
    responses = "".join(f'  utter_{name}:\n  - text: "This is about {name}."\n' for name in known)
    (root / "data").mkdir(parents=True, exist_ok=True)
    (root / "config.yml").write_text(_CONFIG)
    default = '  utter_default:\n  - text: "Sorry, I did not get that."\n'
    intents = "".join(f"- {name}\n" for name in known)
    (root / "domain.yml").write_text(f'version: "3.1"\nintents:\n{intents}responses:\n{responses}{default}')
    rules = "".join(f"- rule: {name}\n  steps:\n  - intent: {name}\n  - action: utter_{name}\n" for name in known)
    (root / "data" / "rules.yml").write_text(f"rules:\n{rules}")
    sentences = {name: [*INTENTS.get(name, ()), *(extra or {}).get(name, ())] for name in dict.fromkeys([*INTENTS, *(extra or {})])}
    nlu = "".join(f"- intent: {name}\n  examples: |\n" + "".join(f"    - {s}\n" for s in said) for name, said in sentences.items())
    (root / "data" / "nlu.yml").write_text(f"nlu:\n{nlu}")
    return root
