"""Which addresses of the network may be asked when somebody else named them: those that everybody can reach, none of this house's own."""

from __future__ import annotations

import asyncio
import ipaddress
import socket

from kit.errors import InvalidInputError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
_CARRIED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))


class AddressError(InvalidInputError):
    """This address cannot be asked."""


class PrivateError(AddressError):
    """This lies at a private address."""


def is_public(address: Address) -> bool:
    """Whether anybody on the internet can reach it: no loopback, private, link-local, shared (RFC 6598), multicast or reserved address.

    An IPv6 address that carries an IPv4 address (mapped, 6to4, Teredo, NAT64) is as public as that one.
    """
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        carried = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if any(address in network for network in _CARRIED) or int(address) >> 32 == 0:
            carried.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(one is not None and not is_public(one) for one in carried):
            return False
        if address.ipv4_mapped is not None or address in _CARRIED[0]:
            return True
        if address.is_site_local:
            return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback)


async def resolve(host: str, port: int, *, private: bool) -> str:
    """One numeric address of `host`, to be connected to as it is, so that no second answer of the name server counts.

    Raises AddressError when there is none, PrivateError when any of its addresses is not public and `private` is False.
    """
    try:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError, OSError):
        raise AddressError(f"There is no host {host}", hint="Look at the address again.") from None
    addresses = [str(entry[4][0]) for entry in found]
    for one in addresses:
        if not private and not is_public(ipaddress.ip_address(one)):
            raise PrivateError(f"{host} lies at the private address {one}", hint="Only public addresses are asked.")
    return addresses[0]
