"""What a customer wrote and the bot did not understand is taught, trained and then understood, without a restart."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.e2e.customer import Customer, words
from tests.e2e.test_bad_input import baton
from tests.live import LiveBaton, new_folder
from tests.small_project import write_small_project

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
QUESTION = "Can you engrave my initials on a teapot?"
VARIANTS = (
    "do you engrave pots with names", "is engraving a cup possible", "i would like a teapot engraved with letters",
    "how much does engraving a lid take", "engraved gifts, can you make them",
)  # fmt: skip
SECONDS = 240.0


@pytest.fixture(scope="module")
def small() -> Iterator[LiveBaton]:
    """A running Baton with a bot of three intents; it knows the words of a fourth but no sentence of it."""
    folder = new_folder()
    project = write_small_project(folder / "project", names=("ask_engraving",))
    live = LiveBaton(folder, environment={"BATON_PROJECT": str(project)})
    live.start()
    yield live
    live.stop()
    shutil.rmtree(folder, ignore_errors=True)


def client(live: LiveBaton, email: str) -> httpx.Client:
    """The API as this person."""
    made = baton("create-agent", email, "--token", "test", live=live)
    token = made.stderr.replace("\n", "").rsplit(" ", 1)[-1].strip()
    return httpx.Client(base_url=live.url, headers={"Authorization": f"Bearer {token}"}, timeout=20)


def until(find: Callable[[], Any], *, seconds: float = SECONDS) -> Any:
    """What `find` gives as soon as it gives anything."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = find()
        if found:
            return found
        time.sleep(0.2)
    raise AssertionError("it did not come")


def test_from_a_message_that_nobody_understands_to_one_that_is(small: LiveBaton) -> None:
    said = words(Customer(small.url).say(f"My name is Maria Santos, {QUESTION} Mail me: maria@example.com"))
    assert "ask_engraving" not in said
    for text in VARIANTS:
        Customer(small.url).send(text)
    with client(small, "eva@lantern.example.com") as eva:
        queue = "/v1/learning/sentences"
        first = next(s for s in until(lambda: [s for s in eva.get(queue).json() if "Mail me" in s["text"]]))
        assert first["text"] == f"My name is <name>, {QUESTION} Mail me: <email>"
        assert first["guess"]
        assert eva.post(f"{queue}/{first['id']}/teach", json={"intent": "Ask Engraving"}).status_code == 422
        found = until(lambda: (s := eva.get(queue, params={"text": "engrav"}).json()) and len(s) == len(VARIANTS) + 1 and s)
        for sentence in found:
            text = QUESTION if sentence["id"] == first["id"] else sentence["text"]
            taught = eva.post(f"{queue}/{sentence['id']}/teach", json={"intent": "ask_engraving", "text": text})
            assert taught.status_code == 200, taught.text
        before = httpx.get(f"{small.url}/healthz").json()["model"]
        run = eva.post("/v1/learning/training")
        assert run.status_code == 202, run.text
        assert eva.post("/v1/learning/training").status_code == 409
        done = until(lambda: next((r for r in [eva.get("/v1/learning/training").json()] if r["state"] not in {"asked", "running"}), None))
        assert (done["state"], done["error"], done["by"]) == ("done", None, "Eva (demo editor)")
        until(lambda: httpx.get(f"{small.url}/healthz").json()["model"] == done["model_id"], seconds=20)
        assert "about ask_engraving" in words(Customer(small.url).say(QUESTION))
        models = eva.get("/v1/models").json()
        assert [(m["id"], m["author"]) for m in models if m["active"]] == [(done["model_id"], "Eva (demo editor)")]

        assert eva.post("/v1/models/rollback").json()["id"] == before
        until(lambda: httpx.get(f"{small.url}/healthz").json()["model"] == before, seconds=20)
        assert "about ask_engraving" not in words(Customer(small.url).say(QUESTION))
        assert eva.post(f"/v1/models/{done['model_id']}/activate").status_code == 200
    learned = (small.data_dir / "nlu" / "en" / "learned.yml").read_text()
    assert "maria" not in learned.lower()
    assert "Eva (demo editor)" in learned


def test_a_training_that_fails_is_told_and_the_old_model_serves_on(small: LiveBaton) -> None:
    broken = small.data_dir / "project" / "data" / "more.yml"
    broken.write_text("nlu:\n- intent: greet\n  examples: nonsense\n")
    try:
        with client(small, "sam@lantern.example.com") as sam:
            assert sam.post("/v1/learning/training").status_code == 202
            failed = until(lambda: next((r for r in [sam.get("/v1/learning/training").json()] if r["state"] == "failed"), None))
            assert "more.yml:3" in failed["error"]
            assert [m for m in sam.get("/v1/models").json() if m["active"]]
    finally:
        broken.unlink()
    assert httpx.get(f"{small.url}/healthz").status_code == 200


def test_an_agent_may_neither_read_the_queue_nor_train(small: LiveBaton) -> None:
    with client(small, "ana@lantern.example.com") as ana:
        for method, path in (
            ("GET", "/v1/learning/sentences"), ("GET", "/v1/learning/intents"), ("POST", "/v1/learning/training"),
            ("GET", "/v1/models"), ("POST", "/v1/models/rollback"), ("POST", "/v1/models/x/activate"),
        ):  # fmt: skip
            assert ana.request(method, path).status_code == 403, path
    assert httpx.get(f"{small.url}/v1/models").status_code == 401


def test_the_routes_are_described(small: LiveBaton) -> None:
    paths = httpx.get(f"{small.url}/openapi.json").json()["paths"]
    assert {"/v1/learning/sentences", "/v1/learning/training", "/v1/models", "/v1/models/rollback"} <= set(paths)


def test_the_command_line_lists_goes_back_and_prunes(small: LiveBaton) -> None:
    listed = baton("models", "list", "--json", live=small)
    assert '"active": true' in listed.stdout
    assert baton("models", "activate", "nothing", live=small).returncode == 1
    assert baton("models", "prune", "--keep", "1", live=small).returncode == 0
    assert Path(small.data_dir / "blobs" / "models").is_dir()


def test_a_model_that_lies_in_the_data_folder_is_taken_in_at_the_first_start(small: LiveBaton) -> None:
    model = until(lambda: httpx.get(f"{small.url}/healthz").json()["model"])
    other = LiveBaton(new_folder(like=small.data_dir, parts=("models", "project")))
    other.environment["BATON_PROJECT"] = str(other.data_dir / "project")
    other.start()
    try:
        assert until(lambda: httpx.get(f"{other.url}/healthz").json()["model"]) == model
        assert "found at the start" in baton("models", "list", "--json", live=other).stdout
    finally:
        other.stop()
        shutil.rmtree(other.data_dir, ignore_errors=True)
