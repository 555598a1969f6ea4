"""What the simulated WhatsApp knows: its settings, customers with their phones, messages, files, templates; all in memory."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import itertools
import random
import time
from dataclasses import dataclass, field
from typing import Any

HOUR = 3600.0


@dataclass
class Config:
    """How the provider behaves. Everything can be changed while it runs, by the control API. Times in seconds, chances from 0 to 1."""

    hook_url: str = ""
    app_secret: str = "simulated-app-secret"  # noqa: S105 - invented
    verify_token: str = "simulated-verify-token"  # noqa: S105 - invented
    token: str = "simulated-token"  # noqa: S105 - invented
    phone_number_id: str = "106540352242922"
    display_phone: str = "15550001111"
    waba_id: str = "102290129340398"
    latency: tuple[float, float] = (0.0, 0.0)  # before a call is answered
    fail_before: float = 0.0  # refused with 131000 before anything was taken
    fail_after: float = 0.0  # taken, and the connection lost before the answer
    window_hours: float = 24.0
    window_checked: bool = True
    window_at_once: bool = False  # a closed window is refused at once, not by a later status
    throughput: float = 80.0
    pair_seconds: float = 6.0
    pair_burst: int = 45
    hook_delay: tuple[float, float] = (0.0, 0.05)
    hook_batch: int = 20
    hook_repeat: float = 0.0
    hook_reorder: float = 0.0
    hook_retry: tuple[float, float] = (0.5, 8.0)
    status_delay: tuple[float, float] = (0.01, 0.1)
    skip_delivered: float = 0.0
    status_first: float = 0.0  # the status leaves before the call is answered
    read_by_itself: bool = False  # customers read at once, without anybody at the phone
    url_seconds: float = 300.0  # how long the address of a file holds

    def change(self, values: dict[str, Any]) -> None:
        """Sets what is named. Raises KeyError for a name that is not known."""
        for name, value in values.items():
            if name not in self.__dataclass_fields__:
                raise KeyError(name)
            setattr(self, name, tuple(value) if isinstance(value, list) else value)


@dataclass
class Customer:
    """A person with a phone. `hidden`: the number is not shown to the business, only the user id."""

    phone: str
    user_id: str
    name: str
    username: str | None = None
    hidden: bool = False
    last_wrote: float | None = None
    blocked: bool = False


@dataclass
class Message:
    """A message in a chat. `out`: from the customer to the business. `state`: what ticks the sender sees."""

    id: str
    customer: str
    out: bool
    body: dict[str, Any]
    at: float
    number: int
    state: str = "sent"
    key: str | None = None
    acked: int = 0
    acked_at: float | None = None
    reaction: str | None = None
    deleted: bool = False


@dataclass
class Stored:
    """A file at the provider."""

    id: str
    type: str
    name: str
    data: bytes
    until: float = 0.0
    path: str = ""

    @property
    def sha256(self) -> str:
        """In base64, as webhooks have it."""
        return base64.b64encode(hashlib.sha256(self.data).digest()).decode()


@dataclass
class Failure:
    """The next `count` sends are answered with this."""

    count: int
    code: int
    status: int = 400
    message: str = "simulated"
    later: bool = False  # taken, and failed by a status


@dataclass
class World:
    """Everything. `version` rises with each change that a phone shows."""

    config: Config = field(default_factory=Config)
    rng: random.Random = field(default_factory=lambda: random.Random(7))  # noqa: S311 - it simulates chance
    customers: dict[str, Customer] = field(default_factory=dict)
    messages: dict[str, Message] = field(default_factory=dict)
    chats: dict[str, list[Message]] = field(default_factory=dict)
    files: dict[str, Stored] = field(default_factory=dict)
    templates: list[dict[str, Any]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    refused: list[dict[str, Any]] = field(default_factory=list)
    typing: dict[str, float] = field(default_factory=dict)
    version: int = 0
    _numbers: Any = field(default_factory=lambda: itertools.count(1))

    def forget(self) -> None:
        """Everything, save who is asked; the numbers go on, so that no id comes twice."""
        self.config.change(dataclasses.asdict(Config()))
        for known in (self.customers, self.messages, self.chats, self.files, self.templates, self.failures, self.refused, self.typing):
            known.clear()

    def customer(self, phone: str, *, name: str | None = None, hidden: bool = False, username: str | None = None) -> Customer:
        """The customer with this phone number, made when there is none."""
        found = self.customers.get(phone)
        if found is None:
            digest = int(hashlib.sha256(phone.encode()).hexdigest()[:16], 16)
            found = Customer(phone, f"ZZ.{digest}", name or f"Customer {phone[-4:]}", username, hidden)
            self.customers[phone] = found
        if name:
            found.name = name
        return found

    def find(self, *, to: str | None, recipient: str | None) -> Customer | None:
        """Whom a send goes to; `to` wins."""
        if to:
            return self.customers.get(to.lstrip("+"))
        return next((c for c in self.customers.values() if c.user_id == recipient), None)

    def add(self, customer: Customer, *, out: bool, body: dict[str, Any], key: str | None = None) -> Message:
        """A new message in a customer's chat."""
        number = next(self._numbers)
        digest = hashlib.sha256(f"{self.config.phone_number_id}:{customer.phone}:{number}".encode()).digest()
        message = Message("wamid." + base64.b64encode(digest).decode(), customer.phone, out, body, time.time(), number, key=key)
        self.messages[message.id] = message
        self.chats.setdefault(customer.phone, []).append(message)
        self.version += 1
        if out:
            customer.last_wrote = message.at
        return message

    def window_open(self, customer: Customer) -> bool:
        """Whether free-form messages may go to the customer."""
        if not self.config.window_checked:
            return True
        return customer.last_wrote is not None and time.time() - customer.last_wrote < self.config.window_hours * HOUR

    def keep(self, data: bytes, content_type: str, name: str) -> Stored:
        """Keeps a file."""
        number = next(self._numbers)
        stored = Stored(str(10**15 + number), content_type, name, data)
        self.files[stored.id] = stored
        return stored

    def next_failure(self) -> Failure | None:
        """What the next send is answered with, if that was asked for."""
        while self.failures and self.failures[0].count <= 0:
            self.failures.pop(0)
        if not self.failures:
            return None
        self.failures[0].count -= 1
        return self.failures[0]
