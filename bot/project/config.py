"""config.yml: what of Rasa's pipeline and policies Baton follows, and Baton's own section."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bot.project.lined_yaml import LinedDict, expect_list, expect_mapping, refuse_unknown
from bot.project.types import Config, Place, ProjectError, Repair

CONFIG_KEYS = ("version", "recipe", "language", "pipeline", "policies", "assistant_id", "importers", "baton")
BATON_KEYS = ("repair", "opening_response", "opening_skips", "max_actions", "settings")
REPAIR_KEYS = (
    "heard_first",
    "with_entity",
    "most_repeats",
    "leave_form",
    "switch_form",
    "switch_response",
    "angry_action",
    "unanswered_action",
    "repeat",
    "correct",
    "interrupt",
    "clarify_margin",
    "second_wish",
    "courtesies",
    "questions",
    "most_stuck",
    "stop_words",
    "human_words",
    "yes",
    "no",
    "nudge_after",
    "close_after",
)
SWITCHES = ("repeat", "correct", "interrupt", "second_wish", "stop_words", "human_words")
CLARIFY_MARGIN = 0.1
MOST_STUCK = 3
NUDGE_AFTER, CLOSE_AFTER = 5.0, 15.0  # minutes
MEMORY = 5  # Rasa's default for `max_history` of the memoization policies
DEFAULT_POLICIES = ("MemoizationPolicy", "RulePolicy", "TEDPolicy")
POLICIES = {"RulePolicy", "MemoizationPolicy", "AugmentedMemoizationPolicy", "TEDPolicy"}
COUNTERPARTS = {
    "FallbackClassifier": "the threshold below which a message counts as not understood",
    "DIETClassifier": "intents and the trained tagger",
    "LogisticRegressionClassifier": "intents",
    "SklearnIntentClassifier": "intents",
    "KeywordIntentClassifier": "intents",
    "MitieIntentClassifier": "intents",
    "CRFEntityExtractor": "the trained tagger",
    "MitieEntityExtractor": "the trained tagger",
    "RegexEntityExtractor": "patterns and lookup tables",
    "EntitySynonymMapper": "synonyms",
    "ResponseSelector": "retrieval intents",
    "DucklingEntityExtractor": "typed extractors",
    "RegexMessageHandler": "messages that begin with a slash",
}
BY_ENCODERS = (
    "WhitespaceTokenizer", "JiebaTokenizer", "SpacyTokenizer", "MitieTokenizer", "RegexFeaturizer", "LexicalSyntacticFeaturizer",
    "CountVectorsFeaturizer", "LanguageModelFeaturizer", "SpacyFeaturizer", "MitieFeaturizer", "ConveRTFeaturizer", "SpacyNLP",
    "MitieNLP", "HFTransformersNLP", "LanguageModelTokenizer",
)  # fmt: skip


def parse_config(value: Any, place: Place) -> Config:
    """A `Config`; what has no counterpart in Baton stands in `warnings`. Raises ProjectError."""
    data = expect_mapping(value, place, "the configuration")
    refuse_unknown(data, CONFIG_KEYS, "the configuration")
    pipeline = _components(data, "pipeline")
    policies = _components(data, "policies") or {name: {} for name in DEFAULT_POLICIES}
    rule = policies.get("RulePolicy", {})
    memo = policies.get("AugmentedMemoizationPolicy", policies.get("MemoizationPolicy"))
    fallback = pipeline.get("FallbackClassifier")
    baton = expect_mapping(data.get("baton"), data.at("baton"), "`baton`")
    refuse_unknown(baton, BATON_KEYS, "`baton`")
    return Config(
        language=str(data.get("language") or "en"),
        nlu_threshold=0.0 if fallback is None else float(fallback.get("threshold", 0.3)),
        nlu_ambiguity=0.0 if fallback is None else float(fallback.get("ambiguity_threshold", 0.1)),
        core_threshold=float(rule.get("core_fallback_threshold", 0.3)),
        core_fallback_action=str(rule.get("core_fallback_action_name", "action_default_fallback")),
        core_fallback="RulePolicy" in policies and rule.get("enable_fallback_prediction", True) is not False,
        rules="RulePolicy" in policies,
        memoization=memo is not None,
        augmented="AugmentedMemoizationPolicy" in policies,
        max_history=(memo or {}).get("max_history", MEMORY),
        nlu_confidence_as_score=(memo or {}).get("use_nlu_confidence_as_score") is True,
        learned="TEDPolicy" in policies,
        learned_settings=dict(policies.get("TEDPolicy", {})),
        priorities={name: int(options["priority"]) for name, options in policies.items() if "priority" in options},
        repair=_repair(baton, on="baton" in data),
        opening_response=baton.get("opening_response"),
        opening_skips=tuple(str(c) for c in baton.get("opening_skips") or []),
        max_actions=int(baton.get("max_actions", 10)),
        settings=dict(expect_mapping(baton.get("settings"), baton.at("settings"), "`settings`")),
        warnings=_unmatched(data, pipeline, policies),
        foreign="baton" not in data,
    )


def _unmatched(data: LinedDict, pipeline: Iterable[str], policies: Iterable[str]) -> tuple[str, ...]:
    """What Baton has no counterpart for, a sentence each."""
    passed = [f"{data.at('policies')}: policy {n} has no counterpart and is passed over" for n in policies if n not in POLICIES]
    unknown = [n for n in pipeline if n not in COUNTERPARTS and n not in BY_ENCODERS]
    passed += [f"{data.at('pipeline')}: component {n} has no counterpart and is passed over" for n in unknown]
    return tuple(passed)


def _components(data: LinedDict, key: str) -> dict[str, dict[str, Any]]:
    entries = expect_list(data.get(key), data.at(key), f"`{key}`")
    found = {}
    for index, entry in enumerate(entries):
        component = LinedDict(entries.at(index)) if isinstance(entry, str) else expect_mapping(entry, entries.at(index), "a component")
        name = entry if isinstance(entry, str) else component.get("name", "")
        found[str(name).rsplit(".", 1)[-1]] = dict(component)
    return found


def _repair(baton: LinedDict, *, on: bool) -> Repair:
    data = expect_mapping(baton.get("repair"), baton.at("repair"), "`repair`")
    refuse_unknown(data, REPAIR_KEYS, "`repair`")
    return Repair(
        with_entity=tuple(
            (str(e.get("entity")), str(e.get("intent")), tuple(str(i) for i in e.get("instead_of") or []))
            for e in expect_list(data.get("with_entity"), data.at("with_entity"), "`with_entity`")
        ),
        most_repeats=int(data.get("most_repeats", 0)),
        heard_first=tuple(str(i) for i in data.get("heard_first") or []),
        courtesies=tuple(str(i) for i in data.get("courtesies") or []),
        leave_form=tuple(str(i) for i in data.get("leave_form") or []),
        switch_form=tuple(str(i) for i in data.get("switch_form") or []),
        switch_response=data.get("switch_response"),
        angry_action=data.get("angry_action"),
        unanswered_action=data.get("unanswered_action"),
        **_mending(data) if on else {},
    )


def _mending(data: LinedDict) -> dict[str, Any]:
    """What Baton mends by itself in a project that has a `baton:` section; each part can be switched off."""

    def number(key: str, usual: float) -> float:
        value = data.get(key, usual)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise ProjectError(data.at(key), f"`{key}` is {value!r}", remedy="Give a number that is not negative; 0 switches it off.")
        return float(value)

    def names(key: str, usual: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(i) for i in expect_list(data.get(key), data.at(key), f"`{key}`")) if key in data else usual

    switches = {key: data.get(key, True) is not False for key in SWITCHES}
    return {
        **switches,
        "clarify_margin": number("clarify_margin", CLARIFY_MARGIN),
        "most_stuck": int(number("most_stuck", MOST_STUCK)),
        "nudge_after": number("nudge_after", NUDGE_AFTER),
        "close_after": number("close_after", CLOSE_AFTER),
        "questions": names("questions", ()),
        "yes": names("yes", ("affirm",)),
        "no": names("no", ("deny",)),
    }
