"""`baton contact`: a customer of a running Baton is shown, given out and erased by the command as a process of its own."""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID, uuid4

import httpx
import pytest

from tests.e2e.customer import Customer
from tests.e2e.test_api import token
from tests.e2e.test_bad_input import baton
from tests.live import LiveBaton

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(600)]
UNKNOWN = UUID(int=7)


@dataclass(frozen=True)
class Known:
    """A visitor who said something, and whom the house knows by an e-mail address."""

    customer: Customer
    id: str
    mark: str
    address: str


@pytest.fixture(scope="module")
def ana(live: LiveBaton) -> dict[str, str]:
    """The header of an agent's token."""
    return token(live, "ana@lantern.example.com")


def known(live: LiveBaton, ana: dict[str, str], *, address: str | None = None) -> Known:
    """A new one."""
    mark, customer = uuid4().hex, Customer(live.url)
    customer.say(f"a person please, my parcel {mark} is lost")
    with httpx.Client(base_url=live.url, headers=ana, timeout=20) as http:
        contact_id = next(c for c in http.get("/v1/conversations", params={"limit": 200}).json() if mark in c["preview"])["contact_id"]
        address = address or f"{mark}@customer.example"
        added = http.post(f"/v1/contacts/{contact_id}/identifiers", json={"kind": "email", "value": address})
        assert added.status_code in {200, 201, 204}, added.text
    return Known(customer, contact_id, mark, address)


def found_in(archive: Path, mark: str) -> bool:
    """Whether what was given out speaks of it."""
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        return mark in json.dumps(json.loads(opened.read("data.json")), ensure_ascii=False)


def test_a_customer_is_shown_given_out_and_erased(live: LiveBaton, ana: dict[str, str], tmp_path: Path) -> None:
    one, other = known(live, ana), known(live, ana)
    who, target = f"email:{one.address}", tmp_path / "given.zip"
    shown = baton("contact", "show", who, "--json", live=live)
    assert shown.returncode == 0, shown.stderr
    standing = json.loads(shown.stdout)
    assert (standing["contact_id"], standing["conversations"], standing["open_conversations"]) == (one.id, 1, 1)
    given = baton("contact", "export", who, "--to", str(target), live=live)
    assert given.returncode == 0, given.stderr
    assert str(target) in given.stderr + given.stdout
    assert (target.stat().st_mode & 0o777, found_in(target, one.mark), found_in(target, other.mark)) == (0o600, True, False)
    again = baton("contact", "export", who, "--to", str(target), live=live)
    assert (again.returncode, "is there already" in again.stderr) == (1, True)

    erased = baton("contact", "erase", who, "--yes", live=live)
    assert (erased.returncode, f"Erased {one.id}" in erased.stdout + erased.stderr) == (0, True), erased.stderr
    nobody = baton("contact", "show", who, live=live)
    assert (nobody.returncode, f"Nobody is known by {who}" in nobody.stderr) == (1, True)
    twice = baton("contact", "erase", one.id, "--yes", live=live)
    assert (twice.returncode, "already" in twice.stdout + twice.stderr) == (0, True), twice.stderr
    gone = httpx.get(f"{live.url}/v1/widget/messages", headers=one.customer.headers)
    assert one.mark not in gone.text  # the running server shows nothing of it either
    assert other.mark in other.customer.read()["messages"][0]["text"]


def test_without_yes_it_asks_first_and_no_keeps_everything(live: LiveBaton, ana: dict[str, str]) -> None:
    one = known(live, ana)
    asked = baton("contact", "erase", f"email:{one.address}", live=live)  # nobody is there to say yes
    assert (asked.returncode, "It cannot be undone" in asked.stderr) == (1, True)
    assert one.mark in one.customer.read()["messages"][0]["text"]


@pytest.mark.parametrize(
    ("command", "who", "told"),
    [
        (("show",), str(UNKNOWN), "Error:"),
        (("erase", "--yes"), str(UNKNOWN), "Error:"),
        (("export",), "email:nobody@nowhere.example", "Nobody is known by email:nobody@nowhere.example"),
        (("erase", "--yes"), "somebody", "'somebody' is no contact's id"),
    ],
)
def test_who_is_unknown_or_badly_named_is_told(live: LiveBaton, command: tuple[str, ...], who: str, told: str) -> None:
    refused = baton("contact", *command, who, live=live)
    assert (refused.returncode, told in refused.stderr, "Traceback" in refused.stderr) == (1, True, False), refused.stderr


def test_who_may_be_several_is_not_guessed(live: LiveBaton, ana: dict[str, str]) -> None:
    address = f"shared-{uuid4().hex}@customer.example"
    both = [known(live, ana, address=address) for _ in range(2)]
    for command in (("show",), ("export",), ("erase", "--yes")):
        refused = baton("contact", *command, f"email:{address}", live=live)
        assert (refused.returncode, f"2 contacts are known by email:{address}" in refused.stderr) == (1, True), refused.stderr
        assert all(one.id in refused.stderr for one in both)  # the hint names whom to choose from
    assert all(one.mark in one.customer.read()["messages"][0]["text"] for one in both)
