"""`baton action-server`: Baton's knowledge answers for a Rasa of your own."""

from __future__ import annotations

import asyncio
from typing import Annotated

import typer

from app.commands.common import explained, settings
from app.ports import check_port
from kit.postgres import EmbeddedPostgres


def action_server(
    port: Annotated[int, typer.Option(help="The port to listen on; Rasa's own default is 5055", min=1, max=65535)] = 5055,
    host: Annotated[str, typer.Option(help="The address to listen on")] = "127.0.0.1",
) -> None:
    """Serve Baton's actions to a Rasa of your own, over rasa-sdk's protocol.

    Knowledge answers come from the published articles. Orders, requests and handoffs are refused: they need a conversation of Baton's
    (`BATON_ENGINE=rasa`). With BATON_ACTION_TOKEN every call must bear that token: `token:` in Rasa's endpoints.yml.
    """
    from app.rasa_alone import serve_alone

    with explained():
        found = settings()
        check_port(host, port)
        url = found.database_url or EmbeddedPostgres(found.data_dir).url
        asyncio.run(serve_alone(found, url, host=host, port=port))
