"""Whether a port can be listened on, and by how many at once."""

from __future__ import annotations

import contextlib
import resource
import socket

from kit.errors import UnavailableError

MOST_FILES = 65_536


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


def allow_many_connections() -> int:
    """Each open widget holds a file of this process, and many systems begin with 1,024: raises that as far as is allowed; returns it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return soft
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted
