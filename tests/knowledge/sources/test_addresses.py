"""No source may lie at an address of the house, however it is written and wherever a site leads."""

from __future__ import annotations

import ipaddress

import pytest

from knowledge.sources.addresses import PrivateAddressError, is_public, resolve
from knowledge.sources.fetching import Fetcher, check_address
from knowledge.sources.types import UnreadableError
from tests.knowledge.sources.serving import Answer, page, serving


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.254",
        "224.0.0.1", "240.0.0.1", "255.255.255.255", "192.0.0.1", "198.18.0.1", "203.0.113.5", "::", "::1", "fe80::1", "fe80::1%eth0",
        "fc00::1", "fd12:3456::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::a00:1", "2002:7f00:1::", "2002:a00:1::1", "2001:0:0:0:0:0:f5ff:fffe",
        "2001:db8::1",
    ],
)  # fmt: skip
def test_private_addresses_in_every_writing_are_refused(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101"])
def test_public_addresses_are_let_through(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("host", ["localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "::1", "[::1]"])
async def test_other_writings_of_loopback_are_refused_where_they_resolve(host: str) -> None:
    with pytest.raises(UnreadableError, match=r"private address|no host"):
        await resolve(host, 80, private=False)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://a.example/",
        "//a.example/",
        "http://",
        "http://a b.example/",
        "gopher://x",
        "http://[::1",
        "javascript:1",
    ],
)
def test_what_is_no_address_of_a_site_is_refused(url: str) -> None:
    with pytest.raises(UnreadableError):
        check_address(url)


async def test_loopback_is_refused_unless_it_is_asked_for() -> None:
    with serving({"/": page("Home")}) as site:
        async with Fetcher(delay=0, private=False) as fetcher:
            with pytest.raises(PrivateAddressError, match=r"127\.0\.0\.1"):
                await fetcher.get(site.address + "/")
        assert site.asked == []
        async with Fetcher(delay=0, private=True) as fetcher:
            assert (await fetcher.get(site.address + "/")).status == 200


class OnlyFirst(Fetcher):
    """Lets the first host be at loopback and treats every further one as any other: a public site that leads elsewhere."""

    async def _client(self, host: str, port: int):  # type: ignore[no-untyped-def]  # noqa: ANN202
        self.private = not self._clients
        return await super()._client(host, port)


@pytest.mark.parametrize(
    "target", ["http://127.0.0.1:1/", "http://localhost:1/secret", "http://[::1]:1/", "http://169.254.169.254/latest/meta-data/"]
)
async def test_a_redirect_to_a_private_address_is_refused(target: str) -> None:
    with serving({"/": Answer(status=302, headers={"Location": target})}) as site:
        async with OnlyFirst(delay=0, private=True) as fetcher:
            with pytest.raises(PrivateAddressError):
                await fetcher.get(site.address + "/")


async def test_a_redirect_to_another_scheme_is_refused_and_redirects_end() -> None:
    pages = {
        "/file": Answer(status=302, headers={"Location": "file:///etc/passwd"}),
        "/round": Answer(status=302, headers={"Location": "/round"}),
        "/once": Answer(status=301, headers={"Location": "/there"}),
        "/there": page("There"),
    }
    with serving(pages) as site:
        async with Fetcher(delay=0, private=True) as fetcher:
            with pytest.raises(UnreadableError, match="not an address of a site"):
                await fetcher.get(site.address + "/file")
            with pytest.raises(UnreadableError, match="redirects more than 5 times"):
                await fetcher.get(site.address + "/round")
            assert (await fetcher.get(site.address + "/once")).url == site.address + "/there"


async def test_authorization_goes_to_the_host_of_the_source_only() -> None:
    with (
        serving({"/": page("Elsewhere")}) as other,
        serving({"/": Answer(status=302, headers={"Location": other.address.replace("127.0.0.1", "localhost") + "/"})}) as site,
    ):
        async with Fetcher(delay=0, private=True, home="127.0.0.1", authorization="Bearer x") as fetcher:
            await fetcher.get(site.address + "/")
        assert site.headers[0]["Authorization"] == "Bearer x"
        assert "Authorization" not in other.headers[0]
        assert other.headers[0]["Host"].startswith("localhost:")
