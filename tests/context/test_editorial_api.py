"""Articles over /v1: what a content system outside would do, over HTTP against the real database."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from PIL import Image
from sqlalchemy import update

from app.errors import BodyLimit, install_error_handlers
from context.editorial.endpoints import article_router
from context.editorial.services import ArticleServices, LocalTryer
from context.editorial.serving import public_files_router
from context.ledger import Ledger
from context.staff.accounts import create_api_token, create_staff
from context.types import Role
from kit.blobs import MemoryBlobs
from kit.clock import utc_now
from kit.db import Database
from kit.jobs import RecordingEnqueuer
from knowledge.models import VersionRow
from tests.knowledge.fakes import index_of

pytestmark = pytest.mark.integration
NEW = {"id": "repairs", "language": "en", "title": "Do you repair lamps?", "body": "Yes, within a week.", "tags": ["lamp"]}


class Outside:
    """The API, and people with tokens."""

    def __init__(self, database: Database, ledger: Ledger, *, second_person: bool = False) -> None:
        self.database = database
        app = FastAPI()
        services = ArticleServices(database, ledger, MemoryBlobs(), LocalTryer(index_of()), second_person=second_person)
        install_error_handlers(app)
        app.add_middleware(BodyLimit)
        app.include_router(article_router(services))
        app.include_router(public_files_router(services))
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://baton.example")
        self.asker: dict[str, str] = {}

    async def person(self, role: Role, name: str) -> dict[str, str]:
        """The header of somebody new."""
        async with self.database.transaction() as session:
            staff = await create_staff(session, email=f"{name}@shop.example", name=name, role=role, password="long enough to pass")
            return {"Authorization": f"Bearer {await create_api_token(session, staff, label='test')}"}

    async def ask(self, method: str, path: str, *, as_: dict[str, str], status: int = 200, **options: Any) -> Any:
        """The answer, which must have that status."""
        answer = await self.http.request(method, f"/v1/articles{path}", headers=as_ | options.pop("headers", {}), **options)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.headers.get("content-type", "").startswith("application/json") else answer


@pytest.fixture
async def outside(database: Database, ledger: Ledger) -> AsyncIterator[Outside]:
    made = Outside(database, ledger)
    yield made
    await made.http.aclose()


@pytest.fixture
async def strict(database: Database, ledger: Ledger) -> AsyncIterator[Outside]:
    made = Outside(database, ledger, second_person=True)
    yield made
    await made.http.aclose()


@pytest.fixture
async def eva(outside: Outside) -> dict[str, str]:
    return await outside.person(Role.EDITOR, "eva")


def picture(kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 3), "teal").save(out, kind)
    return out.getvalue()


async def test_an_article_goes_from_draft_to_published_to_archived(
    outside: Outside, eva: dict[str, str], enqueuer: RecordingEnqueuer
) -> None:
    made = await outside.ask("POST", "", as_=eva, status=201, json=NEW)
    assert (made["version"], made["status"]) == (1, "draft")
    path = "/repairs/en"
    saved = await outside.ask("PUT", f"{path}/draft", as_=eva, json={"title": "Repairs", "body": "In five days.", "expected_version": 1})
    assert saved["version"] == 2
    assert (await outside.ask("POST", f"{path}/submit", as_=eva))["status"] == "in_review"
    assert (await outside.ask("GET", "/repairs", as_=eva))["status"] == "in_review"
    back = await outside.ask("POST", f"{path}/send-back", as_=eva, json={"note": "Say what it costs."})
    assert (back["status"], back["note"]) == ("draft", "Say what it costs.")
    await outside.ask("POST", f"{path}/send-back", as_=eva, status=409, json={})
    assert (await outside.ask("POST", f"{path}/publish", as_=eva))["status"] == "published"
    assert (await outside.ask("POST", "/repairs/archive", as_=eva))["status"] == "archived"
    assert [name for name, _ in enqueuer.jobs] == ["reindex", "reindex"]


async def test_a_draft_on_an_older_version_is_refused_and_nothing_is_overwritten(outside: Outside, eva: dict[str, str]) -> None:
    await outside.ask("POST", "", as_=eva, status=201, json=NEW)
    draft = {"title": "Repairs", "body": "Mine.", "expected_version": 1}
    await outside.ask("PUT", "/repairs/en/draft", as_=eva, json=draft)
    refused = await outside.ask("PUT", "/repairs/en/draft", as_=eva, status=409, json=draft | {"body": "Theirs."})
    assert refused["error"] == "article_changed"
    assert (await outside.ask("GET", "/repairs", as_=eva))["versions"][0]["body"] == "Mine."
    await outside.ask("PUT", "/repairs/en/draft", as_=eva, status=422, json={"title": "x", "body": "y"})


async def test_only_a_colleague_publishes_where_reviews_are_required(strict: Outside) -> None:
    eva, ed = await strict.person(Role.EDITOR, "eva"), await strict.person(Role.EDITOR, "ed")
    await strict.ask("POST", "", as_=eva, status=201, json=NEW)
    assert (await strict.ask("POST", "/repairs/en/publish", as_=ed, status=409))["error"] == "not_reviewed"
    await strict.ask("POST", "/repairs/en/submit", as_=eva)
    assert (await strict.ask("POST", "/repairs/en/publish", as_=eva, status=403))["error"] == "own_text"
    await strict.ask("PUT", "/repairs/en/draft", as_=ed, json={"title": "Repairs", "body": "Ed's.", "expected_version": 1})
    await strict.ask("POST", "/repairs/en/publish", as_=eva, status=409)  # a change takes the review back
    await strict.ask("POST", "/repairs/en/submit", as_=ed)
    assert (await strict.ask("POST", "/repairs/en/publish", as_=eva))["status"] == "published"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""), ("POST", ""), ("GET", "/repairs"), ("PATCH", "/repairs"), ("POST", "/repairs/archive"), ("PUT", "/repairs/en/draft"),
        ("POST", "/repairs/en/submit"), ("POST", "/repairs/en/send-back"), ("POST", "/repairs/en/publish"), ("GET", "/repairs/en/versions"),
        ("GET", "/repairs/en/versions/1"), ("GET", "/repairs/en/difference?before=1&after=1"), ("POST", "/repairs/en/versions/1/restore"),
        ("POST", "/repairs/en/try"), ("POST", "/repairs/en/still-right"), ("GET", "/repairs/files"), ("POST", "/repairs/files?name=a.png"),
    ],
)  # fmt: skip
async def test_every_route_asks_for_a_token_of_somebody_who_edits(outside: Outside, eva: dict[str, str], method: str, path: str) -> None:
    await outside.ask("POST", "", as_=eva, status=201, json=NEW)
    agent = await outside.person(Role.AGENT, "ana")
    body = NEW | {"expected_version": 1, "question": "x", "note": ""}
    for name in ("id", "language", "tags"):
        body.pop(name, None)
    fitting = {"": NEW, "/repairs": {"category": "x"}, "/repairs/en/draft": {"title": "a", "body": "b", "expected_version": 1}}
    fitting |= {
        "/repairs/en/try": {"question": "x"},
        "/repairs/en/send-back": {},
        "/repairs/en/versions/1/restore": {"expected_version": 1},
    }
    sent = {"json": fitting.get(path, {})} if method != "GET" else {}
    await outside.ask(method, path, as_={}, status=401, **sent)
    await outside.ask(method, path, as_={"Authorization": "Bearer bt_wrong"}, status=401, **sent)
    await outside.ask(method, path, as_=agent, status=403, **sent)


async def test_the_list_is_read_page_by_page_and_filtered(outside: Outside, eva: dict[str, str]) -> None:
    for number in range(5):
        tag = ["even"] if number % 2 == 0 else []
        await outside.ask(
            "POST", "", as_=eva, status=201, json=NEW | {"id": f"article-{number}", "tags": tag, "body": f"The word w{number}."}
        )
    found: list[str] = []
    cursor = ""
    for _ in range(3):
        page = await outside.ask("GET", "", as_=eva, params={"limit": 2, "cursor": cursor})
        found.extend(item["id"] for item in page["items"])
        cursor = page["next"]
    assert found == [f"article-{number}" for number in range(5)]
    assert cursor is None
    assert [a["id"] for a in (await outside.ask("GET", "", as_=eva, params={"tag": "even"}))["items"]] == [
        "article-0",
        "article-2",
        "article-4",
    ]
    assert [a["id"] for a in (await outside.ask("GET", "", as_=eva, params={"text": "W3"}))["items"]] == ["article-3"]
    assert (await outside.ask("GET", "", as_=eva, params={"status": "published"}))["items"] == []
    await outside.ask("GET", "", as_=eva, status=422, params={"status": "retired"})
    await outside.ask("GET", "", as_=eva, status=422, params={"care": "nonsense"})


async def test_details_change_one_by_one_and_the_expired_and_stale_are_listed(outside: Outside, eva: dict[str, str]) -> None:
    await outside.ask("POST", "", as_=eva, status=201, json=NEW)
    await outside.ask("POST", "/repairs/en/publish", as_=eva)
    past = (utc_now() - timedelta(days=2)).isoformat()
    changed = await outside.ask("PATCH", "/repairs", as_=eva, json={"expires_at": past, "review_by": "2020-01-31"})
    assert (changed["expired"], changed["stale"], changed["tags"], changed["category"]) == (True, True, ["lamp"], "")
    for care in ("expired", "stale"):
        assert [a["id"] for a in (await outside.ask("GET", "", as_=eva, params={"care": care}))["items"]] == ["repairs"]
    cleared = await outside.ask("PATCH", "/repairs", as_=eva, json={"expires_at": None, "category": "lamps"})
    assert (cleared["expired"], cleared["category"], cleared["review_by"]) == (False, "lamps", "2020-01-31")
    for wrong in ({"expires_at": "2027-01-01T10:00:00"}, {"owner": "nobody"}, {"audience": "friends"}, {"source": "de"}, {"id": "other"}):
        await outside.ask("PATCH", "/repairs", as_=eva, status=422, json=wrong)


async def test_versions_are_compared_and_restored(outside: Outside, eva: dict[str, str]) -> None:
    await outside.ask("POST", "", as_=eva, status=201, json=NEW)
    second = {"title": "Do you repair lamps?", "body": "Yes, within two weeks.", "expected_version": 1}
    await outside.ask("PUT", "/repairs/en/draft", as_=eva, json=second)
    told = await outside.ask("GET", "/repairs/en/difference", as_=eva, params={"before": 1, "after": 2})
    changed = [(part["kind"], part["text"]) for line in told["body"] for part in line["parts"] if part["kind"] != "same"]
    assert told["changes"] == 1
    assert ("removed", "a") in changed
    restored = await outside.ask("POST", "/repairs/en/versions/1/restore", as_=eva, json={"expected_version": 2})
    assert (restored["version"], restored["body"], restored["status"]) == (3, "Yes, within a week.", "draft")
    assert [v["version"] for v in await outside.ask("GET", "/repairs/en/versions", as_=eva)] == [3, 2, 1]
    await outside.ask("POST", "/repairs/en/versions/1/restore", as_=eva, status=409, json={"expected_version": 2})
    await outside.ask("GET", "/repairs/en/versions/99", as_=eva, status=404)


async def test_a_file_is_served_to_everybody_once_its_article_is_public_and_live(outside: Outside, eva: dict[str, str]) -> None:
    await outside.ask("POST", "", as_=eva, status=201, json=NEW)
    file = await outside.ask("POST", "/repairs/files", as_=eva, status=201, params={"name": "my lamp.png"}, content=picture())
    assert file["markdown"] == f"![my-lamp.png](/article-files/{file['id']}/my-lamp.png)"
    assert (await outside.http.get(file["url"])).status_code == 404
    await outside.ask("PUT", "/repairs/en/draft", as_=eva, json={"title": "Lamps", "body": file["markdown"], "expected_version": 1})
    await outside.ask("POST", "/repairs/en/publish", as_=eva)
    shown = await outside.http.get(file["url"])
    assert (shown.status_code, shown.content, shown.headers["content-type"]) == (200, picture(), "image/png")
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in shown.headers["content-security-policy"]
    assert (await outside.http.get(file["url"], headers={"If-None-Match": shown.headers["etag"]})).status_code == 304
    await outside.ask("DELETE", f"/repairs/files/{file['id']}", as_=eva, status=409)
    await outside.ask("PATCH", "/repairs", as_=eva, json={"audience": "internal"})
    assert (await outside.http.get(file["url"])).status_code == 404
    assert (await outside.ask("GET", f"/repairs/files/{file['id']}", as_=eva)).headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("name", "data", "status"),
    [
        ("a.png", b"<script>alert(1)</script>", 422),
        ("a.svg", b"<svg onload='alert(1)'/>", 422),
        ("a.html", b"<p>x</p>", 422),
        ("a.jpg", picture("PNG"), 422),
        ("a.png", picture("PNG")[:-20], 422),
        ("a.pdf", b"not a pdf", 422),
        ("a.docx", b"PK nonsense", 422),
        ("a.txt", b"\xff\xfe\x00", 422),
        ("a.png", b"", 422),
        ("big.txt", b"x" * 10_000_001, 413),
        ("a.txt", b"plain words", 201),
    ],
)
async def test_files_are_taken_for_what_they_are(outside: Outside, eva: dict[str, str], name: str, data: bytes, status: int) -> None:
    await outside.ask("POST", "", as_=eva, status=201, json=NEW)
    told = await outside.ask("POST", "/repairs/files", as_=eva, status=status, params={"name": name}, content=data)
    assert status == 201 or told["message"]
    assert len(await outside.ask("GET", "/repairs/files", as_=eva)) == (status == 201)


async def test_a_huge_article_is_refused_with_its_size(outside: Outside, eva: dict[str, str]) -> None:
    await outside.ask("POST", "", as_=eva, status=201, json=NEW)
    draft = {"title": "Huge", "body": "x" * 50_000_000, "expected_version": 1}
    assert "2,000,000 bytes" in (await outside.ask("PUT", "/repairs/en/draft", as_=eva, status=413, json=draft))["message"]
    told = await outside.ask("PUT", "/repairs/en/draft", as_=eva, status=422, json=draft | {"body": "x" * 200_001})
    assert "200,001" in told["message"]
    chinese = draft | {"body": "退" * 200_000}
    assert (await outside.ask("PUT", "/repairs/en/draft", as_=eva, json=chinese))["version"] == 2


async def test_a_question_is_tried_before_and_after(outside: Outside, eva: dict[str, str]) -> None:
    await outside.ask("POST", "", as_=eva, status=201, json=NEW)
    told = await outside.ask("POST", "/repairs/en/try", as_=eva, json={"question": "do you repair lamps?"})
    assert "repairs" not in [hit["article_id"] for hit in told["before"]["hits"]]
    assert told["after"]["hits"][0]["article_id"] == "repairs"
    assert 0 < told["after"]["threshold"] < 1
    await outside.ask("POST", "/repairs/en/publish", as_=eva)
    assert (await outside.ask("POST", "/repairs/en/try", as_=eva, json={"question": "lamps"}))["after"] is None
    await outside.ask("POST", "/repairs/en/try", as_=eva, status=422, json={"question": ""})
    await outside.ask("POST", "/nowhere/en/try", as_=eva, status=404, json={"question": "x"})


async def test_a_translation_older_than_its_source_is_listed_until_it_is_called_right(
    outside: Outside, eva: dict[str, str], database: Database
) -> None:
    await outside.ask("POST", "", as_=eva, status=201, json=NEW)
    await outside.ask("POST", "/repairs/en/publish", as_=eva)
    await outside.ask("PUT", "/repairs/pt/draft", as_=eva, json={"title": "Reparam?", "body": "Sim.", "expected_version": 0})
    await make_older(database, "pt")
    assert (await outside.ask("GET", "/repairs", as_=eva))["outdated"] == []
    await outside.ask("PUT", "/repairs/en/draft", as_=eva, json={"title": "Repairs", "body": "New.", "expected_version": 1})
    await outside.ask("POST", "/repairs/en/publish", as_=eva)
    assert (await outside.ask("GET", "/repairs", as_=eva))["outdated"] == ["pt"]
    assert [a["id"] for a in (await outside.ask("GET", "", as_=eva, params={"care": "outdated"}))["items"]] == ["repairs"]
    assert (await outside.ask("POST", "/repairs/pt/still-right", as_=eva))["translated_from"] == 2
    assert (await outside.ask("GET", "", as_=eva, params={"care": "outdated"}))["items"] == []
    await outside.ask("POST", "/repairs/zh-Hant/still-right", as_=eva, status=422)


async def make_older(database: Database, language: str) -> None:
    """Moves a language a day back."""
    async with database.transaction() as session:
        await session.execute(update(VersionRow).where(VersionRow.language == language).values(at=utc_now() - timedelta(days=1)))
