"""What every registered channel must hold, and the renderer for each one's capabilities."""

from __future__ import annotations

from dataclasses import replace
from uuid import uuid4

import pytest

from app.channels import all_channels
from app.settings import read_settings
from channels.base import Account, Answer, Capabilities, Channel, Door, File, Hook, Problem, ShapeError, SignatureError, Unit
from channels.happenings import Happening
from channels.problems import REACTIONS
from channels.registry import CAPABILITIES, capabilities_of, doors, media_sources
from channels.render import render, size, split
from context.types import Button, Citation, Content
from kit.db import Database
from kit.errors import BatonError

CHANNELS = {**all_channels(read_settings({}))}
LONG = "A sentence that is said again and again. " * 400
HAN = "請問這件商品可以退貨嗎？" * 500


@pytest.fixture(params=sorted(CHANNELS))
def channel(request: pytest.FixtureRequest) -> Channel:
    """Each registered channel."""
    return CHANNELS[request.param]


@pytest.fixture(params=sorted(doors()))
def door(request: pytest.FixtureRequest) -> Door:
    """Each registered door."""
    return doors()[request.param]


def contents() -> list[Content]:
    """What a bot or agent may say."""
    few = tuple(Button(f"Yes {n}", f"/affirm{{{n}}}") for n in range(3))
    many = tuple(Button(f"Order LC-{n} of the year before last, with lamps", "/order" * 80 + str(n)) for n in range(9))
    lots = tuple(Button(f"Choice {n}", f"/choose{n}") for n in range(25))
    cited = (Citation(article_id="a", passage_id="p", title="Returns", url="https://shop.example/returns"),)
    return [
        Content("Hello"), Content(LONG), Content(HAN), Content("Which?", few), Content("Which one?", many), Content("Which of all?", lots),
        Content("So it is.", (), cited), Content(LONG, few, cited),
    ]  # fmt: skip


def test_every_part_fits_the_channel_and_nothing_said_is_missing(channel: Channel) -> None:
    known = channel.capabilities
    for content in contents():
        parts = render(content, known, message_id=uuid4())
        assert parts
        for part in parts:
            assert size(part.text, known.text_unit) <= known.text_max
            assert len(part.buttons) <= known.buttons
            assert len(part.rows) <= known.rows
            assert not (part.buttons and part.rows)
            assert all(len(c.title) <= known.button_title_max for c in part.buttons)
            assert all(len(c.title) <= known.row_title_max for c in part.rows)
            assert all(len(c.reference.encode()) <= known.payload_max for c in (*part.buttons, *part.rows))
        shown = "".join(p.text for p in parts) + "".join(c.title for p in parts for c in (*p.buttons, *p.rows))
        assert [w for w in content.text.split() if w not in shown] == []
        offered = sum(len(p.buttons) + len(p.rows) for p in parts)
        assert offered in {0, len(content.buttons)}
        if not offered:
            assert all(button.title in shown for button in content.buttons)
        if content.citations and not known.links:
            assert content.citations[0].url in shown


def test_the_same_content_gives_the_same_parts(channel: Channel) -> None:
    message_id = uuid4()
    for content in contents():
        first = render(content, channel.capabilities, message_id=message_id)
        assert first == render(content, channel.capabilities, message_id=message_id)


def test_a_channel_is_known_by_its_name_and_says_what_it_can(channel: Channel) -> None:
    assert CHANNELS[channel.name] is channel
    assert capabilities_of(channel.name) == channel.capabilities == CAPABILITIES[channel.name]


def test_a_file_that_a_channel_cannot_take_is_named_in_words(channel: Channel) -> None:
    file = File("image", "image/x-unheard-of", "plan.xyz", b"x")
    parts = render(Content("Here it is"), replace(channel.capabilities, media={}), message_id=uuid4(), files=[file])
    assert [p.text for p in parts] == ["[plan.xyz]", "Here it is"]


@pytest.mark.parametrize("unit", list(Unit))
def test_texts_are_cut_where_they_breathe_and_nothing_gets_lost(unit: Unit) -> None:
    for text in (LONG, HAN, "👩‍👩‍👧‍👦" * 900, "x" * 9000):
        pieces = split(text, 1000, unit)
        assert all(size(p, unit) <= 1000 for p in pieces)
        assert "".join("".join(pieces).split()) == "".join(text.split())


def test_too_many_or_too_long_buttons_become_a_list_and_too_long_a_list_numbers() -> None:
    known = Capabilities(buttons=3, button_title_max=20, rows=10, row_title_max=24)
    offered = (Content("?", tuple(Button(f"N{i}", f"/{i}") for i in range(count))) for count in (3, 10, 11))
    one, ten, more = (render(content, known, message_id=uuid4()) for content in offered)
    assert (len(one[0].buttons), len(ten[0].rows)) == (3, 10)
    assert more[0].text.splitlines()[-1] == "11. N10"
    (long,) = render(Content("?", (Button("A title of more than twenty letters", "/a"),)), known, message_id=uuid4())
    assert (long.rows[0].title, long.rows[0].description) == ("A title of more than tw…", "A title of more than twenty letters")


def test_every_problem_has_a_reaction() -> None:
    assert set(REACTIONS) == set(Problem)


def forged() -> list[Hook]:
    """Requests that nobody may believe: without a signature, with a wrong one, with one that is no ASCII."""
    bodies = (b"", b"{}", b"[]", b"\xff\xfe", b'{"object": 1}')
    values = (None, "", "sha256=", "sha256=" + "0" * 64, "v1,AAAA", "\u00e9")
    names = ("x-hub-signature-256", "x-line-signature", "x-twilio-signature", "webhook-signature", "x-telegram-bot-api-secret-token")
    return [Hook("POST", "https://b.example/hooks", {}, {n: v for n in names if v is not None}, b) for b in bodies for v in values]


def test_a_door_believes_nobody_without_the_secret_and_no_account_without_one(door: Door) -> None:
    complete = Account(uuid4(), door.name, "1", "One", secrets=_AnySecret())
    for hook in forged():
        with pytest.raises(SignatureError):
            door.check(hook, complete)
        with pytest.raises(BatonError):
            door.check(hook, Account(uuid4(), door.name, "1", "One"))


def test_a_door_refuses_bodies_that_it_does_not_know_and_never_breaks(door: Door) -> None:
    account = Account(uuid4(), door.name, "1", "One", secrets=_AnySecret())
    for body in (b"", b"\xff\xfe", b"null", b"[]", b"7", b'"x"', b'{"entry": 7}', b'{"entry": [7]}', b"{" * 5000, b'{"a": 1}'):
        try:
            found: list[Happening] = list(door.parse(body, account))
        except ShapeError:
            continue
        assert isinstance(found, list)


def test_a_door_greets_nobody_who_does_not_know_the_secret(door: Door) -> None:
    account = Account(uuid4(), door.name, "1", "One", secrets=_AnySecret())
    try:
        answer = door.greet(Hook("GET", "https://b.example/hooks", {}, {}), account)
    except BatonError:
        return
    assert answer == Answer()


def test_files_come_from_channels_that_are_there() -> None:
    assert set(media_sources(Database("postgresql+psycopg://nobody@localhost/none"))) <= set(CHANNELS)
    assert set(doors()) <= set(CHANNELS)


class _AnySecret(dict[str, str]):
    def get(self, name: str, default: str | None = None) -> str:  # type: ignore[override]
        return f"{name}-{default or 'secret'}"
