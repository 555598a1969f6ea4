"""What server, worker and commands need of the channels: accounts with their key, doors, the outbox, the intake."""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter

from app.door_channels import door_channels
from app.models import article_blobs
from app.secrets import load_secret
from app.settings import Settings
from app.wiring import Base
from channels.accounts import Accounts
from channels.base import Channel
from channels.chatwoot.endpoints import PanelServices, panel_router
from channels.comments import comments_router
from channels.email.logins import AS_ENTERED, KeptLogins, Logins
from channels.email.poller import MailReader
from channels.endpoints import ChannelServices, channels_router
from channels.hooks import HookServices, hooks_router
from channels.intake import Intake
from channels.links import Links, media_router
from channels.managing import Managing
from channels.media import MediaFetcher, outgoing_files
from channels.outbox import Outbox
from channels.registry import CAPABILITIES, account_channels, account_tests, doors, media_sources
from channels.seeing import Seeing
from channels.taking_in import Taker
from channels.telegram.poller import UpdatePoller
from channels.web.send import WebChannel
from channels.webhook.endpoints import webhook_channel_router
from channels.whatsapp.client import GraphClient
from kit.clock import utc_now
from kit.db import Database
from kit.sealing import Sealer


def sealer(settings: Settings) -> Sealer:
    """What seals the secrets of accounts: BATON_SECRET_KEY, or a key of the data folder (one machine)."""
    return Sealer(settings.secret_key or load_secret(settings.data_dir, "channels"))


def file_links(settings: Settings) -> Links:
    """The addresses under which providers fetch files."""
    return Links(settings.public_url, settings.secret_key or load_secret(settings.data_dir, "channels"))


def channel_managing(settings: Settings, database: Database | None = None) -> Managing:
    """What adds, changes and removes accounts. `database`: to renew the access of mailboxes that are tried."""
    testers = account_tests(KeptLogins(database, sealer(settings))) if database else account_tests()
    return Managing(sealer(settings), file_links(settings).hook, testers=testers)


def hook_services(settings: Settings, base: Base) -> HookServices:
    """What the server's webhook routes need."""
    return HookServices(base.database, Accounts(base.database, sealer(settings)), doors(), settings.public_url)


def provider_router(settings: Settings, base: Base) -> APIRouter:
    """All that providers call: webhooks, and files that they fetch; and what colleagues ask of channels over /v1."""
    router = APIRouter()
    services = hook_services(settings, base)
    router.include_router(webhook_channel_router(services))
    router.include_router(hooks_router(services))
    router.include_router(comments_router(base.database, base.ledger))
    router.include_router(panel_router(PanelServices(base.database, services.accounts)))
    router.include_router(channels_router(channel_services(settings, base)))
    router.include_router(media_router(base.database, article_blobs(settings, base.database.dsn), file_links(settings)))
    return router


def channel_services(settings: Settings, base: Base) -> ChannelServices:
    """What the server's routes under /v1/channels need."""
    tests = account_tests(KeptLogins(base.database, sealer(settings)))
    return ChannelServices(base.database, base.ledger, sealer(settings), GraphClient(), tests, channel_managing(settings, base.database))


def all_channels(settings: Settings, links: Links | None = None, logins: Logins = AS_ENTERED) -> dict[str, Channel]:
    """Every way out, by channel."""
    return {WebChannel.name: WebChannel()} | door_channels(settings) | account_channels(links, logins)


@dataclass(frozen=True)
class ChannelWork:
    """What `baton carry` runs."""

    outbox: Outbox
    intake: Intake
    media: MediaFetcher
    mail: MailReader
    telegram: UpdatePoller

    def coroutines(self) -> list[Coroutine[Any, Any, None]]:
        """All of it, until cancelled."""
        return [self.outbox.run(), self.intake.run(), self.media.run(), self.mail.run(), self.telegram.run()]


def channel_work(settings: Settings, base: Base) -> ChannelWork:
    """The parts of one process. Outbox and intake lead only where no other process does."""
    logins = KeptLogins(base.database, sealer(settings))
    channels = all_channels(settings, file_links(settings), logins)
    accounts = Accounts(base.database, sealer(settings))
    blobs = article_blobs(settings, base.database.dsn)
    seeing = Seeing(base.database, accounts, channels)
    rules = {name: known.media for name, known in CAPABILITIES.items()}
    return ChannelWork(
        Outbox(base.database, base.ledger, channels, accounts, outgoing_files(blobs)),
        Intake(base.database, accounts, doors(), Taker(base.database, base.ledger, CAPABILITIES, seeing.after)),
        MediaFetcher(base.database, accounts, media_sources(base.database), blobs, rules, utc_now),
        MailReader(base.database, accounts, logins=logins),
        UpdatePoller(base.database, accounts),
    )
