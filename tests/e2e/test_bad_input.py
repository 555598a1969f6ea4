"""Bad input gets a clear answer, and loses nothing."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from tests.e2e.customer import Customer
from tests.live import ROOT, LiveBaton

pytestmark = pytest.mark.e2e


def baton(*arguments: str, live: LiveBaton | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """Runs the command `baton`."""
    base = live.environment if live else os.environ
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments],
        capture_output=True,
        text=True,
        env={**base, **environment},
        cwd=ROOT,
        timeout=120,
        check=False,
    )


def check_problem(answer: httpx.Response, status: int) -> str:
    """The message of a refusal, whose shape is checked."""
    assert answer.status_code == status, answer.text
    body = answer.json()
    assert set(body) <= {"error", "message", "hint", "reason"}
    return str(body["message"])


@pytest.mark.parametrize(("text", "status"), [("", 422), ("   ", 422), ("x" * 4001, 413)])
def test_empty_and_overlong_messages_are_refused(live: LiveBaton, text: str, status: int) -> None:
    customer = Customer(live.url)
    assert check_problem(customer.send(text), status)
    assert customer.read()["messages"] == []


def test_a_body_that_is_not_utf8_is_refused(live: LiveBaton) -> None:
    customer = Customer(live.url)
    answer = customer.http.post(
        "/v1/widget/messages",
        content=b'{"client_id": "12345678", "text": "caf\xe9"}',
        headers=customer.headers | {"Content-Type": "application/json"},
    )
    assert "UTF-8" in check_problem(answer, 422)


def test_a_huge_body_is_refused_before_it_is_read(live: LiveBaton) -> None:
    customer = Customer(live.url)
    answer = customer.http.post("/v1/widget/messages", content=b"x" * 2_000_000, headers=customer.headers)
    assert check_problem(answer, 413)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/widget/messages"),
        ("GET", "/v1/widget/stream"),
        ("GET", "/v1/conversations"),
        ("GET", "/v1/contacts/5d2c1a90-7f34-4d16-8a55-9e0b6c7d8f10"),
        ("GET", "/v1/events"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic eDp5"}])
def test_an_unknown_token_is_refused(live: LiveBaton, method: str, path: str, headers: dict[str, str]) -> None:
    assert check_problem(httpx.request(method, live.url + path, headers=headers), 401)


def test_an_unknown_conversation_is_not_found(live: LiveBaton) -> None:
    made = baton("create-agent", "ana@lantern.example.com", "--token", "test", live=live)
    token = made.stderr.replace("\n", "").rsplit(" ", 1)[-1].strip()
    headers = {"Authorization": f"Bearer {token}"}
    assert check_problem(httpx.get(f"{live.url}/v1/conversations/{uuid4()}", headers=headers), 404)
    assert check_problem(httpx.get(f"{live.url}/v1/conversations/not-an-id", headers=headers), 422)
    assert httpx.get(f"{live.url}/v1/conversations", headers=headers).status_code == 200


def test_html_and_markdown_of_a_customer_come_back_as_they_were_written(live: LiveBaton) -> None:
    customer, evil = Customer(live.url), "<script>alert(1)</script> **bold** [x](javascript:alert(1))"
    customer.send(evil)
    assert customer.read()["messages"][0]["text"] == evil


def test_a_repeated_message_is_stored_and_answered_once(live: LiveBaton) -> None:
    customer, client_id = Customer(live.url), uuid4().hex
    assert customer.send("hello there", client_id=client_id).status_code == 201
    assert customer.send("hello there", client_id=client_id).status_code == 200
    customer.say("Where are your stores?")
    own = [m for m in customer.read()["messages"] if m["author"] == "customer"]
    assert [m["client_id"] for m in own].count(client_id) == 1


def test_a_burst_beyond_the_limit_is_told_when_to_come_back(live: LiveBaton) -> None:
    customer = Customer(live.url)
    answers = [customer.send(f"message {i}") for i in range(30)]
    refused = [a for a in answers if a.status_code == 429]
    assert refused
    assert int(refused[0].headers["Retry-After"]) >= 1


def test_malformed_training_yaml_names_file_and_line_and_the_old_model_keeps_serving(live: LiveBaton, tmp_path: Path) -> None:
    project = tmp_path / "project"
    for part in ("bot/domain", "bot/config.yml", "training_data"):
        target = project / part
        target.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-r", str(ROOT / part), str(target)], check=True)
    broken = project / "training_data" / "nlu" / "en" / "broken.yml"
    broken.write_text('version: "3.1"\nnlu:\n- intent: greet\n  examples: |\n    - hi\n   - [oops\n')
    before = httpx.get(f"{live.url}/healthz").json()["model"]
    done = baton("train", live=live, BATON_PROJECT=str(project))
    assert done.returncode == 1
    assert "broken.yml" in done.stderr.replace("\n", "")
    assert ":6" in done.stderr.replace("\n", "") or ":5" in done.stderr.replace("\n", "")
    assert httpx.get(f"{live.url}/healthz").json()["model"] == before


def test_a_csv_with_wrong_columns_names_them_and_imports_nothing(live: LiveBaton, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    file.write_text("number,colour\nLC-555555,red\n")
    done = baton("import-orders", str(file), live=live)
    assert done.returncode == 1
    assert "status" in done.stderr


def test_a_second_run_on_the_same_data_is_told_so(live: LiveBaton) -> None:
    done = baton("run", "--demo", live=live, BATON_PORT="18999")
    assert done.returncode == 1
    assert "already running" in done.stderr


def test_a_taken_port_is_told(live: LiveBaton, tmp_path: Path) -> None:
    done = baton("run", "--demo", live=live, BATON_DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert f"Port {live.port}" in done.stderr


@pytest.mark.parametrize("command", ["migrate", "seed", "run"])
def test_a_database_that_is_not_there_is_told(command: str, tmp_path: Path) -> None:
    done = baton(command, DATABASE_URL="postgresql://u:p@127.0.0.1:1/none", BATON_DATA_DIR=str(tmp_path), BATON_PORT="18998")
    assert done.returncode == 1
    assert "cannot be reached" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", [[], ["--help"], ["evaluate", "nlu", "--help"], ["bench", "load", "--help"], ["bot", "test", "--help"]])
def test_help_teaches(command: list[str]) -> None:
    done = baton(*command)
    assert "Usage" in done.stdout + done.stderr


async def test_a_lost_stream_goes_on_where_it_stopped(live: LiveBaton) -> None:
    customer = Customer(live.url)
    customer.say("Where are your stores?")
    got = await asyncio.to_thread(customer.read)
    seqs = [m["seq"] for m in got["messages"]]
    ids: list[int] = []
    path = f"/v1/widget/stream?after={seqs[0]}"
    async with httpx.AsyncClient(base_url=live.url, timeout=10) as http, http.stream("GET", path, headers=customer.headers) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("id:"):
                ids.append(int(line[3:]))
            if len(ids) == len(seqs) - 1:
                break
    assert ids == seqs[1:]
