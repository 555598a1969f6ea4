"""What the doors know of themselves and of who writes."""

from __future__ import annotations

from dataclasses import dataclass

from kit.errors import BatonError

REST, CALLBACK, SOCKETIO = "rest", "callback", "socketio"
VERSION, MINIMUM_COMPATIBLE = "3.6.21", "3.6.21"


@dataclass(frozen=True)
class SocketOptions:
    """`socketio:` of Rasa's credentials.yml."""

    user_message_evt: str = "user_uttered"
    bot_message_evt: str = "bot_uttered"
    namespace: str = "/"
    session_persistence: bool = False
    socketio_path: str = "/socket.io"
    jwt_key: str | None = None
    jwt_method: str = "HS256"
    metadata_key: str = "metadata"


@dataclass(frozen=True)
class DoorSettings:
    """Which doors are open. `token` and `jwt_secret` open the HTTP API; without either it stays closed, the channels do not ask.

    `cors` are the origins whose pages may call; `*` stands for all.
    """

    token: str | None = None
    jwt_secret: str | None = None
    jwt_method: str = "HS256"
    cors: tuple[str, ...] = ()
    callback_url: str | None = None
    socket: SocketOptions = SocketOptions()


@dataclass(frozen=True)
class Address:
    """A customer as the door knows them."""

    channel: str
    account: str
    sender: str


class RasaError(BatonError):
    """A refusal that is answered in the shape of Rasa's own errors."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        """`reason` is Rasa's short word for it, such as NotAuthenticated."""
        super().__init__(message)
        self.status, self.reason = status, reason

    def as_json(self) -> dict[str, object]:  # type: ignore[override]
        """As Rasa's server answers."""
        return {
            "version": VERSION, "status": "failure", "message": self.message, "reason": self.reason, "details": {}, "help": None,
            "code": self.status,
        }  # fmt: skip
