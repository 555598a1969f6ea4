"""The customer API over HTTP against the real database, and people with tokens."""

from __future__ import annotations

from typing import Any

import httpx
from fastapi import FastAPI

from app.api_limit import ApiLimit
from app.errors import BodyLimit, install_error_handlers
from context.customer.endpoints import customer_router
from context.identity.endpoints import identity_router
from context.ledger import Ledger
from context.services import ApiServices
from context.staff.accounts import create_api_token, create_staff
from context.stream import Hub
from context.types import Role
from context.webhooks.endpoints import webhook_router
from kit.db import Database
from kit.limits import RateLimit


class Outside:
    """A system outside."""

    def __init__(self, database: Database, ledger: Ledger, *, limit: RateLimit | None = None) -> None:
        self.database, self.ledger = database, ledger
        app = FastAPI()
        install_error_handlers(app)
        app.add_middleware(BodyLimit)
        app.add_middleware(ApiLimit, limit=limit or RateLimit(per_second=1000, burst=1000))
        services = ApiServices(database, ledger, Hub(database))
        for router in (customer_router(services), identity_router(services), webhook_router(services)):
            app.include_router(router)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://baton.example")
        self.roles: dict[Role, dict[str, str]] = {}

    async def person(self, role: Role) -> dict[str, str]:
        """The header of somebody with that role."""
        if role not in self.roles:
            async with self.database.transaction() as session:
                staff = await create_staff(session, email=f"{role}@shop.example", name=str(role), role=role, password="long enough to pass")
                self.roles[role] = {"Authorization": f"Bearer {await create_api_token(session, staff, label='test')}"}
        return self.roles[role]

    async def send(self, method: str, path: str, *, role: Role = Role.AGENT, **options: Any) -> httpx.Response:
        """What comes back, whatever it is."""
        headers = await self.person(role) | options.pop("headers", {})
        return await self.http.request(method, f"/v1{path}", headers=headers, **options)

    async def ask(self, method: str, path: str, *, status: int = 200, **options: Any) -> Any:
        """The body of the answer, which must have that status."""
        answer = await self.send(method, path, **options)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None
