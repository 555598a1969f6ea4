"""`BlobStore` in PostgreSQL: the store that every node reaches without any setting. Bytes lie in parts, so that no row is large."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from kit.blobs import check_key
from kit.db import Base, care
from kit.errors import NotFoundError

PART = 1_000_000


class BlobPartRow(Base):
    """One part of a blob."""

    __tablename__ = "blob_part"
    __table_args__ = ({"info": care(keep="as long as what it belongs to: models until `baton models prune`")},)

    key: Mapped[str] = mapped_column(primary_key=True)
    part: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class DatabaseBlobs:
    """Blobs in the table `blob_part`; each call is one transaction on a connection of its own."""

    def __init__(self, dsn: str) -> None:
        """`dsn` in libpq's form."""
        self.dsn = dsn

    def put(self, key: str, data: bytes) -> None:
        """See the port."""
        check_key(key)
        with psycopg.connect(self.dsn) as connection:
            connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (key,))
            connection.execute("DELETE FROM blob_part WHERE key = %s", (key,))
            for part, start in enumerate(range(0, max(len(data), 1), PART)):
                piece = data[start : start + PART]
                connection.execute("INSERT INTO blob_part (key, part, data) VALUES (%s, %s, %s)", (key, part, piece))

    def get(self, key: str) -> bytes:
        """See the port."""
        with psycopg.connect(self.dsn) as connection:
            rows = connection.execute("SELECT data FROM blob_part WHERE key = %s ORDER BY part", (key,)).fetchall()
        if not rows:
            raise NotFoundError(f"There is no blob {key!r}")
        return b"".join(row[0] for row in rows)

    def delete(self, key: str) -> None:
        """See the port."""
        with psycopg.connect(self.dsn) as connection:
            connection.execute("DELETE FROM blob_part WHERE key = %s", (key,))

    def keys(self, prefix: str = "") -> Iterator[str]:
        """See the port."""
        with psycopg.connect(self.dsn) as connection:
            rows = connection.execute("SELECT DISTINCT key FROM blob_part WHERE starts_with(key, %s)", (prefix,)).fetchall()
        yield from sorted(row[0] for row in rows)
