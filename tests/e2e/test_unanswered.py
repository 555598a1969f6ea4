"""A real question that nothing answers: it appears in the list, becomes an article, the bot answers with it, and the question is closed."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from app.wiring import build_base
from context.publishing import publish_article
from context.staff.models import StaffRow
from tests.e2e.customer import Customer, words
from tests.e2e.test_learning import client, until
from tests.live import LiveBaton, new_folder
from tests.small_project import write_small_project

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(400)]
ASKED = (
    "Can I land my drone on your roof?",
    "is there a landing place for a drone on the roof",
    "posso aterrar o meu drone no vosso telhado?",
)
RULE = """rules:
- rule: ask the articles
  steps:
  - intent: nlu_fallback
  - action: action_answer_from_knowledge
"""
BODY = "Yes. A drone may land free of charge on the roof of the Senado store, for two hours at most."


@pytest.fixture(scope="module")
def asking() -> Iterator[LiveBaton]:
    """A running Baton of its own, with a bot of three intents that asks the shop's articles whatever it does not understand."""
    folder = new_folder()
    project = write_small_project(folder / "project")
    (project / "data" / "asking.yml").write_text(RULE)
    live = LiveBaton(folder, environment={"BATON_PROJECT": str(project), "BATON_CHECK_LINKS": "off"})
    live.start()
    yield live
    live.stop()
    shutil.rmtree(folder, ignore_errors=True)


async def publish(live: LiveBaton, article_id: str) -> None:
    """What the button Publish does."""
    base = build_base(live.database_url)
    try:
        async with base.database.transaction() as session:
            editor = (await session.execute(select(StaffRow).where(StaffRow.role == "editor"))).scalars().first()
            assert editor is not None
            await publish_article(session, base.ledger, staff=editor, article_id=article_id, language="en")
    finally:
        await base.database.close()


def found(editor: httpx.Client, view: str) -> list[dict[str, Any]]:
    """The questions of a view that speak of drones."""
    listed = editor.get("/v1/unanswered", params={"view": view, "text": "drone"})
    assert listed.status_code == 200, listed.text
    return list(listed.json())


async def test_from_a_question_that_nothing_answers_to_one_that_the_bot_answers(asking: LiveBaton) -> None:
    for text in ASKED:
        customer = Customer(asking.url, language="pt" if text.startswith("posso") else "en")
        assert "land free" not in words(customer.say(text))
    with client(asking, "eva@lantern.example.com") as editor:
        until(lambda: sum(one["asked"] for one in found(editor, "open")) >= 2, seconds=120)
        question = found(editor, "open")[0]
        detail = editor.get(f"/v1/unanswered/{question['id']}").json()
        assert ASKED[0] in [one["text"] for one in detail["wordings"]]
        faq = {
            "article_id": "landing-drones",
            "language": "en",
            "title": ASKED[0],
            "body": BODY,
            "questions": [one["text"] for one in detail["wordings"]],
        }
        empty = editor.post(f"/v1/unanswered/{question['id']}/approve", json=faq | {"body": ""})
        assert (empty.status_code, "hint" in empty.json()) == (422, True)
        done = editor.post(f"/v1/unanswered/{question['id']}/approve", json=faq)
        assert (done.status_code, done.json()["question"]["status"]) == (200, "drafted"), done.text
        assert editor.post(f"/v1/unanswered/{question['id']}/approve", json=faq).status_code == 409
        await publish(asking, "landing-drones")
        until(lambda: "land free" in words(Customer(asking.url).say(ASKED[1])), seconds=60)
        closed = until(lambda: [one for one in found(editor, "closed") if one["found_article"]], seconds=60)[0]
        assert (closed["id"], closed["article_id"], closed["found_article"]) == (question["id"], "landing-drones", "landing-drones")


def test_an_agent_may_not_read_it_and_nonsense_is_refused(asking: LiveBaton) -> None:
    assert httpx.get(f"{asking.url}/v1/unanswered").status_code == 401
    with client(asking, "ana@lantern.example.com") as ana:
        assert ana.get("/v1/unanswered").status_code == 403
    with client(asking, "sam@lantern.example.com") as sam:
        assert sam.get("/v1/unanswered", params={"view": "nothing"}).status_code == 422
        assert sam.get("/v1/unanswered/00000000-0000-0000-0000-000000000000").status_code == 404
        assert sam.get("/v1/unanswered/x").status_code == 422
