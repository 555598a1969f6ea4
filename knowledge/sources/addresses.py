"""Which addresses of the network a source may lie at (`kit/addresses.py`), refused in the words of importing."""

from __future__ import annotations

from kit import addresses
from kit.addresses import is_public as is_public
from knowledge.sources.types import UnreadableError


class PrivateAddressError(UnreadableError):
    """This lies at a private address."""


async def resolve(host: str, port: int, *, private: bool) -> str:
    """See `kit.addresses.resolve`. Raises UnreadableError and PrivateAddressError."""
    try:
        return await addresses.resolve(host, port, private=private)
    except addresses.PrivateError as error:
        hint = "Only public sites are read. On the command line --private allows it."
        raise PrivateAddressError(error.message, hint=hint) from None
    except addresses.AddressError as error:
        raise UnreadableError(error.message, hint=error.hint) from None
