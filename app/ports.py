"""Whether a port can be listened on."""

from __future__ import annotations

import contextlib
import socket

from kit.errors import UnavailableError


class PortTakenError(UnavailableError):
    """The port is in use."""


def check_port(host: str, port: int) -> None:
    """Raises PortTakenError when something else listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTakenError(f"Port {port} cannot be used: {error.strerror}", hint="Stop what uses it, or set BATON_PORT.") from None
