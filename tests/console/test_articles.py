"""What editors can do with articles in the console, and what others cannot."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from console.articles.commands import ArticleCommands
from console.articles.list_commands import ListCommands
from console.obeying import Obeying
from console.services import ConsoleServices
from context.models import EventRow
from context.staff.accounts import close_session
from context.types import Role
from knowledge.articles import create_article, get_article
from knowledge.types import Article, ArticleDraft
from tests.console.desk import Screen, log_in

pytestmark = pytest.mark.integration
COMMANDS = (
    "load", "preview", "keep", "forget", "save", "submit", "send_back", "publish", "archive", "version", "difference", "restore", "compare",
    "side", "details", "still_right", "files", "remove_file", "try",
)  # fmt: skip


class Editor:
    """Somebody with the page of one article open."""

    def __init__(self, commands: Obeying, screen: Screen) -> None:
        self.commands = commands
        self.screen = screen

    async def ask(self, kind: str, **data: Any) -> None:
        await self.commands.run({"kind": kind, **data})


async def write(services: ConsoleServices, article_id: str = "returns", body: str = "Within 14 days.") -> None:
    async with services.database.transaction() as session:
        await create_article(session, ArticleDraft(article_id, "en", "Returns", body, category="orders"), editor="import")


async def open_article(services: ConsoleServices, role: Role = Role.EDITOR, *, name: str = "Edite", article_id: str = "returns") -> Editor:
    _, login = await log_in(services, role, name=name)
    screen = Screen()
    return Editor(ArticleCommands(services, login, screen, article_id=article_id), screen)


async def open_list(services: ConsoleServices, role: Role = Role.EDITOR) -> Editor:
    _, login = await log_in(services, role)
    screen = Screen()
    return Editor(ListCommands(services, login, screen), screen)


async def stored(services: ConsoleServices, article_id: str = "returns") -> Article:
    async with services.database.transaction() as session:
        return await get_article(session, article_id)


async def events(services: ConsoleServices) -> list[str]:
    async with services.database.transaction() as session:
        return list(
            (await session.execute(select(EventRow.name).where(EventRow.name.startswith("article.")).order_by(EventRow.id))).scalars()
        )


@pytest.mark.parametrize("kind", COMMANDS)
async def test_an_agent_can_do_nothing_with_articles(services: ConsoleServices, kind: str) -> None:
    await write(services)
    agent = await open_article(services, Role.AGENT)
    await agent.ask(kind, language="en", title="Mine", body="Mine", expected=1, version=1)
    assert agent.screen.kinds() == {"failed"}
    assert (await stored(services)).versions[0].title == "Returns"


@pytest.mark.parametrize("kind", ["list", "create"])
async def test_an_agent_gets_no_list_and_makes_no_article(services: ConsoleServices, kind: str) -> None:
    agent = await open_list(services, Role.AGENT)
    await agent.ask(kind, id="mine", language="en", title="Mine", audience="public")
    assert agent.screen.kinds() == {"failed"}


@pytest.mark.parametrize("kind", COMMANDS)
async def test_an_ended_session_changes_nothing(services: ConsoleServices, kind: str) -> None:
    await write(services)
    editor = await open_article(services)
    async with services.database.transaction() as session:
        await close_session(session, editor.commands.login.token)
    await editor.ask(kind, language="en", title="Mine", body="Mine", expected=1, version=1)
    assert editor.screen.kinds() == {"expired"}


@pytest.mark.parametrize("role", [Role.EDITOR, Role.SUPERVISOR, Role.ADMIN])
async def test_editors_save_and_publish_in_one_step_and_it_is_an_event(services: ConsoleServices, role: Role) -> None:
    await write(services)
    editor = await open_article(services, role)
    await editor.ask("publish", language="en", title="Returns", body="Within 30 days.", expected=1, unsaved=True)
    assert editor.screen.last("saved") == {"language": "en", "version": 2, "done": "published_now"}
    published = (await stored(services)).find("en", "published")
    assert published is not None
    assert published.body == "Within 30 days."
    assert await events(services) == ["article.published"]


async def test_the_second_of_two_editors_sees_the_newer_text_and_overwrites_nothing(services: ConsoleServices) -> None:
    await write(services)
    edite, sofia = await open_article(services), await open_article(services, name="Sofia")
    await sofia.ask("save", language="en", title="Returns", body="By Sofia", expected=1)
    await edite.ask("save", language="en", title="Returns", body="By Edite", expected=1)
    conflict = edite.screen.last("conflict")
    assert (conflict["name"], conflict["version"], conflict["body"]) == ("Sofia", 2, "By Sofia")
    assert "saved" not in edite.screen.kinds()
    draft = (await stored(services)).find("en", "draft")
    assert draft is not None
    assert draft.body == "By Sofia"


async def test_a_conflict_stops_publishing(services: ConsoleServices) -> None:
    await write(services)
    edite, sofia = await open_article(services), await open_article(services, name="Sofia")
    await sofia.ask("save", language="en", title="Returns", body="By Sofia", expected=1)
    await edite.ask("publish", language="en", title="Returns", body="By Edite", expected=1, unsaved=True)
    assert "conflict" in edite.screen.kinds()
    assert await events(services) == []


async def test_the_conflict_can_be_settled_on_top_of_the_newer_version(services: ConsoleServices) -> None:
    await write(services)
    edite = await open_article(services)
    await edite.ask("save", language="en", title="Returns", body="One", expected=1)
    await edite.ask("save", language="en", title="Returns", body="Two", expected=2)
    shown = edite.screen.last("article")["article"]["languages"]["en"]
    assert [v["version"] for v in shown["versions"]] == [3, 2, 1]
    assert (shown["body"], shown["newest"], shown["versions"][0]["editor"]) == ("Two", 3, "Edite")


async def test_an_earlier_version_can_be_looked_at(services: ConsoleServices) -> None:
    await write(services, body="First **text**")
    editor = await open_article(services)
    await editor.ask("save", language="en", title="Returns", body="Second", expected=1)
    await editor.ask("version", language="en", version=1)
    assert editor.screen.last("version")["body"] == "First **text**"
    assert "<strong>text</strong>" in editor.screen.last("version")["html"]


async def test_archiving_takes_the_article_back_and_is_an_event(services: ConsoleServices) -> None:
    await write(services)
    editor = await open_article(services)
    await editor.ask("publish", language="en")
    await editor.ask("archive")
    assert (await stored(services)).status == "archived"
    assert await events(services) == ["article.published", "article.retired"]


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        '<img src=x onerror="alert(1)">',
        "[x](javascript:alert(1))",
        "<svg onload=alert(1)>",
        "<iframe src=//x>",
    ],
)
async def test_the_preview_holds_nothing_that_runs(services: ConsoleServices, body: str) -> None:
    await write(services)
    editor = await open_article(services)
    await editor.ask("preview", body=body, number=1)
    html = editor.screen.last("preview")["html"]
    assert not any(part in html.lower() for part in ("<script", '<img src="x', "<svg", "<iframe", 'href="javascript', "<img onerror"))


async def test_the_list_can_be_searched_and_filtered(services: ConsoleServices) -> None:
    await write(services, "returns")
    await write(services, "delivery")
    editor = await open_list(services)
    await editor.ask("list", text="deliv", status="draft", category="orders", language="en")
    shown = editor.screen.last("list")
    assert [a["id"] for a in shown["articles"]] == ["delivery"]
    assert (shown["articles"][0]["languages"]["en"], shown["articles"][0]["languages"]["pt"]) == (["draft"], [])
    assert shown["categories"] == ["orders"]


async def test_a_new_article_with_a_bad_id_is_refused_with_a_hint(services: ConsoleServices) -> None:
    editor = await open_list(services)
    await editor.ask("create", id="Not An Id", language="en", title="Hours", audience="public")
    assert "small letters" in editor.screen.last("failed")["message"]


async def test_a_new_article_is_stored_as_a_draft(services: ConsoleServices) -> None:
    editor = await open_list(services)
    await editor.ask("create", id="hours", language="en", title="Hours", audience="internal", category="stores")
    assert editor.screen.last("created") == {"id": "hours", "language": "en"}
    assert (await stored(services, "hours")).audience == "internal"


@pytest.mark.parametrize("data", [{}, {"language": "xx"}, {"language": "en"}, {"language": "en", "expected": "1"}])
async def test_malformed_saves_are_refused(services: ConsoleServices, data: dict[str, Any]) -> None:
    await write(services)
    editor = await open_article(services)
    await editor.ask("save", **data)
    assert editor.screen.kinds() == {"failed"}


async def test_the_questions_of_an_article_stand_one_on_a_line(services: ConsoleServices) -> None:
    await write(services)
    editor = await open_article(services)
    await editor.ask("save", language="en", title="Returns", body="Text", questions="can i send it back\n\n  how many days?  ", expected=1)
    draft = (await stored(services)).find("en", "draft")
    assert draft is not None
    assert draft.questions == ("can i send it back", "how many days?")
    assert editor.screen.last("article")["article"]["languages"]["en"]["questions"] == "can i send it back\nhow many days?"


async def submitted(services: ConsoleServices, body: str = "Within 30 days.") -> Editor:
    """Sofia, who has submitted a text."""
    sofia = await open_article(services, name="Sofia")
    await sofia.ask("submit", language="en", title="Returns", body=body, questions="", expected=1, unsaved=True)
    return sofia


async def test_a_submitted_text_is_sent_back_with_a_note(services: ConsoleServices) -> None:
    await write(services)
    sofia = await submitted(services)
    assert sofia.screen.last("saved")["done"] == "submitted_now"
    edite = await open_article(services)
    await edite.ask("load")
    assert edite.screen.last("article")["article"]["languages"]["en"]["submitter"] == "Sofia"
    await edite.ask("send_back", language="en", note="Say who pays.")
    shown = edite.screen.last("article")["article"]["languages"]["en"]
    assert (shown["review"], shown["draft"], shown["note"]) == (False, True, "Say who pays.")


async def test_where_reviews_are_required_nobody_publishes_their_own_text(services: ConsoleServices) -> None:
    services = replace(services, articles=replace(services.articles, second_person=True))
    await write(services)
    sofia = await submitted(services)
    await sofia.ask("publish", language="en")
    assert "yourself" in sofia.screen.last("failed")["message"]
    edite = await open_article(services)
    await edite.ask("publish", language="en", title="Returns", body="Edite's", questions="", expected=2, unsaved=True)
    assert "reviewed" in edite.screen.last("failed")["message"]
    assert await events(services) == []
    await edite.ask("submit", language="en")
    await sofia.ask("publish", language="en")
    assert await events(services) == ["article.published"]


async def test_what_is_typed_is_kept_for_its_writer_and_others_are_told(services: ConsoleServices) -> None:
    await write(services)
    edite, sofia = await open_article(services), await open_article(services, name="Sofia")
    typed = {"language": "en", "title": "Returns", "body": "Half a thou", "questions": "how long", "expected": 1}
    await sofia.ask("keep", number=1, **typed)
    assert sofia.screen.last("kept")["others"] == []
    await sofia.ask("load")
    assert sofia.screen.last("article")["copies"]["en"]["body"] == "Half a thou"
    await edite.ask("load")
    assert edite.screen.last("article")["copies"] == {}
    assert [(other["name"], other["language"]) for other in edite.screen.last("article")["others"]] == [("Sofia", "en")]
    assert (await stored(services)).versions[0].body == "Within 14 days."
    await sofia.ask("save", **typed)
    assert sofia.screen.last("article")["copies"] == {}


async def test_whoever_types_on_an_older_version_is_told_by_the_next_autosave(services: ConsoleServices) -> None:
    await write(services)
    edite, sofia = await open_article(services), await open_article(services, name="Sofia")
    await sofia.ask("save", language="en", title="Returns", body="By Sofia, days", expected=1)
    await edite.ask("keep", language="en", title="Returns", body="By Edite, days", questions="", expected=1, number=1)
    assert edite.screen.last("kept")["newest"] == 2
    await edite.ask("compare", language="en", title="Returns", body="By Edite, days", expected=1)
    conflict = edite.screen.last("conflict")
    parts = [(p["kind"], p["text"]) for line in conflict["lines"] for p in line["parts"] if p["kind"] != "same"]
    assert (conflict["name"], parts) == ("Sofia", [("removed", "Sofia"), ("added", "Edite")])
    assert conflict["at"] > 1e12


async def test_versions_are_compared_and_restored_as_a_new_draft(services: ConsoleServices) -> None:
    await write(services)
    editor = await open_article(services)
    await editor.ask("save", language="en", title="Returns", body="Within 30 days.", expected=1)
    await editor.ask("difference", language="en", before=1, after=2)
    assert editor.screen.last("difference")["changes"] == 1
    await editor.ask("restore", language="en", version=1, expected=2)
    draft = (await stored(services)).find("en", "draft")
    assert draft is not None
    assert (draft.version, draft.body) == (3, "Within 14 days.")
    await editor.ask("restore", language="en", version=1, expected=2)
    assert "while you wrote" in editor.screen.last("failed")["message"]


async def test_details_that_the_page_does_not_name_stay(services: ConsoleServices) -> None:
    await write(services)
    editor = await open_article(services)
    await editor.ask("details", tags="a, b,, a", reviewBy="2027-05-01")
    await editor.ask(
        "details", audience="internal", expiresAt=1_900_000_000_000, owner=str((await editor.commands.login.check("edit_articles")).id)
    )
    details = (await stored(services)).details
    assert (details.category, details.tags, details.audience, str(details.review_by)) == ("orders", ("a", "b"), "internal", "2027-05-01")
    assert editor.screen.last("article")["article"]["ownerName"] == "Edite"
    for wrong in ({"reviewBy": "yesterday"}, {"expiresAt": 10**30}, {"expiresAt": "soon"}, {"owner": "x"}, {"tags": "x" * 101}):
        await editor.ask("details", **wrong)
    assert len([kind for kind, _ in editor.screen.told if kind == "failed"]) == 5
    assert (await stored(services)).details == details


async def test_changed_tags_of_a_published_article_are_indexed_anew(services: ConsoleServices) -> None:
    await write(services)
    editor = await open_article(services)
    await editor.ask("publish", language="en")
    await editor.ask("details", category="x")
    assert await events(services) == ["article.published"]
    await editor.ask("details", tags="new")
    assert await events(services) == ["article.published", "article.published"]


async def test_a_question_is_tried_on_what_stands_on_the_page(services: ConsoleServices) -> None:
    await write(services)
    editor = await open_article(services)
    text = {"language": "en", "title": "Do you mend umbrellas?", "body": "We mend umbrellas on Fridays.", "questions": ""}
    await editor.ask("try", question="do you mend umbrellas", audience="public", **text)
    told = editor.screen.last("tried")
    assert told["after"]["hits"][0]["article"] == "returns"
    assert "returns" not in [hit["article"] for hit in told["before"]["hits"]]
    await editor.ask("try", question="x", **(text | {"title": ""}))
    assert "title" in editor.screen.last("failed")["message"]
    assert await events(services) == []


async def test_another_language_is_read_beside_with_what_changed_in_it(services: ConsoleServices) -> None:
    await write(services)
    editor = await open_article(services)
    await editor.ask("save", language="pt", title="Devoluções", body="14 dias.", expected=0)
    await editor.ask("save", language="en", title="Returns", body="Within 30 days.", expected=1)
    since = editor.screen.last("article")["article"]["languages"]["pt"]["translatedFrom"]
    await editor.ask("side", language="en", since=since)
    told = editor.screen.last("side")
    assert (told["since"], told["version"], "30 days" in told["html"]) == (1, 2, True)
    assert any(line["kind"] == "changed" for line in told["lines"])
    await editor.ask("side", language="zh-Hant", since=None)
    assert editor.screen.last("side")["version"] == 0


async def test_the_list_names_what_needs_somebody(services: ConsoleServices) -> None:
    await write(services, "returns")
    await write(services, "delivery")
    editor = await open_article(services, article_id="delivery")
    await editor.ask("publish", language="en")
    await editor.ask("details", reviewBy="2020-01-01", tags="fast")
    listing = await open_list(services)
    await listing.ask("list", care="stale")
    shown = listing.screen.last("list")
    assert [(a["id"], a["stale"], a["expired"]) for a in shown["articles"]] == [("delivery", True, False)]
    assert (shown["cares"]["stale"], shown["tags"]) == (1, ["fast"])
    await listing.ask("list", text="within 14")
    assert [a["id"] for a in listing.screen.last("list")["articles"]] == ["delivery", "returns"]
