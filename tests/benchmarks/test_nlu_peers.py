"""The race of Baton and its peers: rows, answers, figures, and systems that cannot run."""

from __future__ import annotations

import ast
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from app.settings import read_settings
from benchmarks.nlu_peers import diet, job
from benchmarks.nlu_peers.diet import FALLBACK, pipeline, read_answer, training_file
from benchmarks.nlu_peers.encoder_files import fresh_encoders
from benchmarks.nlu_peers.job import Answer, answer_of, read_job, write_job
from benchmarks.nlu_peers.regression import chances
from benchmarks.nlu_peers.rows import SHOP, Rows, file_rows, preset_rows, smaller
from benchmarks.nlu_peers.scores import auroc, latency, score, table
from benchmarks.nlu_peers.set_fit import steps_of
from benchmarks.nlu_vs_peers import SYSTEMS, main, measure, race, read_options, surroundings
from kit.errors import NotFoundError

ROWS = Rows(
    "small",
    (("where is my parcel", "delivery"), ("has it been sent", "delivery"), ("I want my money back", "refund"), ("refund me", "refund")),
    (("where is the parcel now", "delivery"), ("my money back please", "refund"), ("what a lovely day", "oos")),
)


def _answer(best: str, said: str, confidence: float) -> dict[str, object]:
    return {"best": best, "said": said, "confidence": confidence}


def test_a_rejected_sentence_counts_as_right_only_where_the_best_intent_is_asked_for() -> None:
    found = score(["a", "b", "oos"], [_answer("a", "a", 0.9), _answer("b", "oos", 0.4), _answer("a", "oos", 0.2)])
    assert (found["accuracy"], found["accuracy_rejecting"], found["oos_recall"], found["oos_auroc"]) == (1.0, 0.5, 1.0, 1.0)


def test_rows_without_out_of_scope_say_nothing_about_it() -> None:
    found = score(["a"], [_answer("b", "b", 0.9)])
    assert (found["accuracy"], found["oos_recall"], found["oos_auroc"]) == (0.0, None, None)


def test_equal_confidence_tells_nothing_apart() -> None:
    assert auroc([0.5, 0.5], [0.5]) == 0.5
    assert auroc([0.9, 0.4], [0.5]) == 0.5
    assert auroc([], [0.5]) is None


def test_latency_of_no_answers_is_unknown() -> None:
    assert latency([]) == {"p50_ms": None, "p95_ms": None}
    assert latency([1.0, 3.0])["p50_ms"] == 2.0


def test_out_of_scope_is_never_the_best_intent() -> None:
    assert answer_of(["a", "oos", "b"], [0.3, 0.6, 0.1]) == Answer("a", "oos", 0.3)


def test_two_classes_need_one_row_of_weights() -> None:
    import numpy as np

    assert chances(np.array([0.0])) == [0.5, 0.5]
    assert chances(np.array([20.0]))[1] > 0.99


def test_rasas_fallback_is_a_rejection_and_its_second_intent_the_best() -> None:
    parsed = {
        "intent": {"name": FALLBACK, "confidence": 0.7},
        "intent_ranking": [{"name": FALLBACK, "confidence": 0.7}, {"name": "faq__fees", "confidence": 0.4}],
    }
    assert read_answer(parsed, {"faq__fees": "faq/fees"}) == Answer("faq/fees", "oos", 0.4)


def test_an_intent_that_rasa_learned_as_out_of_scope_is_a_rejection() -> None:
    ranking = [{"name": "oos", "confidence": 0.8}, {"name": "a", "confidence": 0.2}]
    assert read_answer({"intent": ranking[0], "intent_ranking": ranking}, {"oos": "oos", "a": "a"}) == Answer("a", "oos", 0.2)


def test_rasa_that_knows_nothing_rejects() -> None:
    assert read_answer({"intent": {"name": None, "confidence": 0.0}, "intent_ranking": []}, {}) == Answer("oos", "oos", 0.0)


def test_rasa_gets_retrieval_intents_as_plain_ones() -> None:
    assert training_file([("how much [is] it", "faq/fees")]) == {
        "rasa_nlu_data": {"common_examples": [{"text": "how much [is] it", "intent": "faq__fees"}]}
    }


def test_the_pipeline_takes_epochs_and_threshold() -> None:
    found = {one["name"]: one for one in pipeline({"epochs": 3, "threshold": 0.6})["pipeline"]}
    assert (found["DIETClassifier"]["epochs"], found["FallbackClassifier"]["threshold"]) == (3, 0.6)


@pytest.mark.parametrize("module", [job, diet])
def test_what_rasas_environment_runs_is_python_3_10(module: object) -> None:
    source = Path(str(module.__file__)).read_text(encoding="utf-8")  # type: ignore[attr-defined]
    tree = ast.parse(source, feature_version=(3, 10))
    imported = {n.module.split(".")[0] for n in tree.body if isinstance(n, ast.ImportFrom) and n.module}
    assert imported <= {"__future__", "asyncio", "collections", "dataclasses", "pathlib", "typing", "benchmarks"}


@pytest.mark.parametrize(("sentences", "most", "steps"), [(770, 0, 1925), (770, 300, 300), (10, 300, 25)])
def test_setfit_makes_forty_pairs_a_sentence_unless_that_is_too_many(sentences: int, most: int, steps: int) -> None:
    assert steps_of(sentences, most) == steps


def test_a_job_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_job(tmp_path / "one", train=[("你好", "greet")], test=["hi"], options={"epochs": 3})
    found = read_job(tmp_path / "one")
    assert (found.train, found.test, found.options, found.model) == (
        (("你好", "greet"),),
        ("hi",),
        {"epochs": 3},
        tmp_path / "one" / "model",
    )


def test_the_shop_is_read_in_english_with_out_of_scope_named_alike() -> None:
    rows = preset_rows(SHOP, read_settings({}))
    assert {intent for _, intent in rows.test} <= {intent for _, intent in rows.train}
    assert "oos" in {intent for _, intent in rows.test}
    assert not {text for text, _ in rows.train} & {text for text, _ in rows.test}


def test_a_public_set_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="banking77"):
        preset_rows("banking77-5shot", replace(read_settings({}), eval_data=tmp_path))


def test_a_public_set_is_tested_on_its_test_rows_only(tmp_path: Path) -> None:
    folder = tmp_path / "clinc150"
    folder.mkdir()
    rows = [{"text": "x", "intent": "oos", "split": "test"}, {"text": "y", "intent": "a", "split": "val"}]
    (folder / "intents.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (folder / "train_10shot.jsonl").write_text(json.dumps({"text": "z", "intent": "a"}))
    found = preset_rows("clinc150-10shot", replace(read_settings({}), eval_data=tmp_path))
    assert (found.train, found.test) == ((("z", "a"),), (("x", "oos"),))


def test_fewer_intents_and_rows_keep_out_of_scope() -> None:
    found = smaller(ROWS, limit=None, intents=1)
    assert ({i for _, i in found.train}, {i for _, i in found.test}) == ({"delivery"}, {"delivery", "oos"})
    assert len(smaller(ROWS, limit=2, intents=None).test) == 2
    assert smaller(ROWS, limit=2, intents=None) == smaller(ROWS, limit=2, intents=None)


def test_files_name_out_of_scope_either_way(tmp_path: Path) -> None:
    file = tmp_path / "train.jsonl"
    file.write_text('{"text": "a", "intent": "out_of_scope"}\n{"text": "b", "intent": "oos"}\n')
    assert {intent for _, intent in file_rows(file, file).train} == {"oos"}


@pytest.mark.parametrize(
    ("system", "variable", "command"), [("diet", "BATON_RASA_ENV", "rasa-env"), ("setfit", "BATON_PEERS_ENV", "peers-env")]
)
def test_a_peer_without_its_environment_is_skipped_by_name_with_the_command(
    system: str, variable: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, str(tmp_path / "nowhere"))
    found = race(ROWS, [system], folder=tmp_path, options={}, threads=1)
    drawn = Console(width=250, record=True, file=io.StringIO())
    drawn.print(table(found, title="t"))
    text = drawn.export_text()
    assert SYSTEMS[system].title in text
    assert f"make {command}" in text


def test_a_peer_that_fails_says_why_and_the_others_go_on(tmp_path: Path) -> None:
    found = measure(replace(SYSTEMS["lr"], module="nothing_of_that_name"), ROWS, folder=tmp_path / "one", options={}, threads=1)
    assert found["failed"]
    assert "nothing_of_that_name" in found["note"]


def test_a_peer_sees_neither_network_nor_graphics_card_and_only_its_threads() -> None:
    found = surroundings(1)
    assert {found[name] for name in ("OMP_NUM_THREADS", "TF_INTRA_OP_PARALLELISM_THREADS", "HF_HUB_OFFLINE")} == {"1"}
    assert (found["CUDA_VISIBLE_DEVICES"], found["RASA_TELEMETRY_ENABLED"]) == ("", "false")


@pytest.mark.parametrize("wrong", [[], ["--train", "a"], ["--preset", SHOP, "--systems", "gpt"], ["--preset", SHOP, "--systems", ","]])
def test_a_command_line_that_measures_nothing_is_refused(wrong: list[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        read_options(wrong)


def test_what_was_kept_is_not_written_over(tmp_path: Path) -> None:
    (tmp_path / "old").touch()
    with pytest.raises(SystemExit, match="2"):
        read_options(["--preset", SHOP, "--keep", str(tmp_path)])


def test_a_file_that_is_not_there_ends_with_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = str(tmp_path / "none.jsonl")
    assert main(["--train", missing, "--test", missing]) == 2
    assert missing in capsys.readouterr().err


def test_embeddings_of_earlier_runs_are_not_used(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    (cache / "minilm-l6-v2").mkdir(parents=True)
    (cache / "embeddings.sqlite").touch()
    (cache / "taggers").mkdir()
    folder = fresh_encoders(tmp_path / "job", [], cache=cache)
    assert [entry.name for entry in folder.iterdir()] == ["minilm-l6-v2"]


@pytest.mark.model
@pytest.mark.parametrize("system", ["lr", "baton"])
def test_a_system_is_trained_and_asked_in_processes_of_its_own(system: str, tmp_path: Path) -> None:
    options = {"language": "en", "encoder_cache": str(read_settings().encoder_dir)}
    found = measure(SYSTEMS[system], ROWS, folder=tmp_path / "one", options=options, threads=1)
    assert found.get("failed") is None, found
    assert found["accuracy"] == 1.0
    assert min(found[name] for name in ("p50_ms", "rss_mb", "model_mb")) > 0
    assert min(found[name] for name in ("train_s", "train_cpu_s")) >= 0  # in tenths of a second, which a regression may not need
