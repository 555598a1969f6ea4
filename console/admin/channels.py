"""What the page of channels asks for: accounts that are added, changed, tried, paused and removed, and what could not be delivered."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncSession

from channels.accounts import list_account_rows, open_account
from channels.base import Account, AccountForm
from channels.letters import Letter, list_letters, put_away, replay
from channels.managing import Entered, Managing
from channels.models import ChannelAccountRow
from console.access import Login
from console.inbox.view import milliseconds
from console.language import spoken
from console.obeying import Data, Obeying, id_of, text_of, texts_of
from console.services import ConsoleServices
from console.web import Screen
from context.staff.audit import Subject, record_change
from context.staff.models import StaffRow
from kit.sealing import SealedError

LETTERS = 200


class ChannelCommands(Obeying):
    """The page /console/admin/channels."""

    right = "manage_channels"

    def __init__(self, services: ConsoleServices, login: Login, screen: Screen) -> None:
        super().__init__(services, login, screen)
        self.handlers = {
            "list": self._list, "add": self._add, "change": self._change, "remove": self._remove, "test": self._test,
            "connect": self._connect, "pause": self._pause, "replay": self._replay, "put_away": self._put_away,
        }  # fmt: skip

    async def _list(self, _staff: StaffRow, _data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self._show(session)

    async def _show(self, session: AsyncSession) -> None:
        managing = self.services.channels
        accounts = [account_json(row, managing) for row in await list_account_rows(session)]
        forms = [form_json(name, managing) for name in managing.forms]
        letters = [_letter_json(one) for one in await list_letters(session, limit=LETTERS)]
        self.screen("list", {"accounts": accounts, "letters": letters, "forms": forms})

    async def _add(self, staff: StaffRow, data: Data) -> None:
        managing = self.services.channels
        async with self.services.database.transaction() as session:
            wanted = {"channel": text_of(data, "channel"), "account": text_of(data, "account")}
            account, fresh = await managing.add(session, _by(staff), **wanted, entered=_entered(data))
            await self._show(session)
        self.screen("added", {"id": str(account.id), "name": account.name, "fresh": fresh})

    async def _change(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self.services.channels.change(session, _by(staff), id_of(data), _entered(data))
            await self._show(session)
        self.screen("done", {"what": "changed"})

    async def _remove(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await self.services.channels.remove(session, _by(staff), id_of(data))
            await self._show(session)
        self.screen("done", {"what": "removed"})

    async def _test(self, _staff: StaffRow, data: Data) -> None:
        answer = await self.services.channels.test(await self._opened(data))
        self.screen("answered", {"id": str(id_of(data)), "answer": answer})

    async def _connect(self, _staff: StaffRow, data: Data) -> None:
        answer = await self.services.channels.connect(await self._opened(data))
        self.screen("answered", {"id": str(id_of(data)), "answer": answer})

    async def _opened(self, data: Data) -> Account:
        """The account with its secrets; the provider is asked outside of the transaction."""
        managing = self.services.channels
        async with self.services.database.transaction() as session:
            return open_account(await managing.locked(session, id_of(data)), managing.sealer)

    async def _pause(self, staff: StaffRow, data: Data) -> None:
        managing = self.services.channels
        async with self.services.database.transaction() as session:
            await managing.switch(session, _by(staff), await managing.locked(session, id_of(data)), paused=data.get("on") is True)
            await self._show(session)

    async def _replay(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await replay(session, self.services.ledger, id_of(data))
            await self._record(session, staff, "channel.sent_again", Subject("channel", str(id_of(data)), str(id_of(data))[:8]))
            await self._show(session)

    async def _put_away(self, staff: StaffRow, data: Data) -> None:
        async with self.services.database.transaction() as session:
            await put_away(session, self.services.ledger, id_of(data))
            await self._record(session, staff, "channel.put_away", Subject("channel", str(id_of(data)), str(id_of(data))[:8]))
            await self._show(session)

    async def _record(self, session: AsyncSession, staff: StaffRow, action: str, subject: Subject) -> None:
        await record_change(session, staff, action, subject, at=self.services.ledger.now)


def _by(staff: StaffRow) -> tuple[str, str]:
    return str(staff.id), staff.name


def _entered(data: Data) -> Entered:
    settings, secrets = (_texts(data.get(name)) for name in ("settings", "secrets"))
    return Entered(text_of(data, "name")[:100], settings, secrets, frozenset(texts_of(data, "cleared")))


def _texts(value: object) -> dict[str, str]:
    return {str(name): text for name, text in value.items() if isinstance(text, str)} if isinstance(value, dict) else {}


def form_json(channel: str, managing: Managing) -> dict[str, object]:
    """What an account of a channel is made of, in the language that is spoken: fields with their help, and what can be done with one."""
    form = managing.forms[channel]
    said = form.zh_hant if spoken() == "zh-Hant" else {}
    fields = [
        {
            "name": name, "help": said.get(name, help_), "secret": name in form.secrets,
            "needed": name not in form.optional and name not in form.instead,
            "choices": list(form.choices.get(name, ())), "number": name in form.numbers, "made": name in form.made,
        }
        for name, help_ in {**form.settings, **form.secrets}.items()
    ]  # fmt: skip
    return {
        "channel": channel, "account": said.get("account", form.account), "fields": fields, "hook": form.hook,
        "connects": channel in managing.connectors, "tests": channel in managing.testers,
    }  # fmt: skip


def account_json(row: ChannelAccountRow, managing: Managing) -> dict[str, object]:
    """An account. Of its secrets only which are set, and those words that somebody enters at the provider by hand."""
    form = managing.forms.get(row.channel, AccountForm(""))
    secrets, lost = _secrets_of(row, managing)
    settings = {name: str(value) for name, value in row.settings.items() if name in form.settings}
    return {
        "id": str(row.id), "channel": row.channel, "account": row.account, "name": row.name, "state": row.state, "reason": row.reason or "",
        "changedAt": milliseconds(row.changed_at), "settings": settings,
        "set": sorted(name for name in form.secrets if secrets.get(name)), "lost": lost,
        "copied": {name: secrets[name] for name in form.copied if secrets.get(name)},
        "hook": managing.hook(row.channel, row.account) if form.hook else "",
    }  # fmt: skip


def _secrets_of(row: ChannelAccountRow, managing: Managing) -> tuple[Mapping[str, str], bool]:
    """The secrets, and whether they cannot be opened any more as their key is another."""
    try:
        return open_account(row, managing.sealer).secrets, False
    except SealedError:
        return {}, True


def _letter_json(one: Letter) -> dict[str, object]:
    return {
        "id": str(one.id), "channel": one.channel, "account": one.account, "conversation": str(one.conversation_id), "text": one.text[:300],
        "sure": one.sure, "problem": one.problem or one.reason or "", "attempts": one.attempts, "at": milliseconds(one.at),
    }  # fmt: skip
