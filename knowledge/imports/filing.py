"""Pictures and attachments of an item, put with its article: one that is there already, by its bytes, is used again."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from kit.blobs import BlobStore
from knowledge.attachments import FileRefusedError
from knowledge.files import Upload, add_file, list_files
from knowledge.imports.models import ImportFileRow, ItemRow
from knowledge.sources.links import relink, without_local
from knowledge.sources.types import SourceFile, SourceItem
from knowledge.types import ArticleFile


@dataclass(frozen=True)
class Filing:
    """Puts files in for one editor."""

    session: AsyncSession
    blobs: BlobStore
    editor: str

    async def file(self, row: ItemRow, item: SourceItem) -> str:
        """Attaches the files of an item to its article, which is there; returns the text with links to them.

        What cannot be attached is said in the notes of the row; its link stays as it is, or is left out where it leads into a document.
        """
        if not item.files:
            return without_local(item.body, ())
        own = {one.digest: one for one in await list_files(self.session, row.article_id)}
        urls: dict[str, str] = {}
        for file in item.files:
            found = own.get(file.digest)
            if found is None:
                found = await self._add(row, file)
            if found is not None:
                own[file.digest] = found
                urls[file.link] = found.url
        return without_local(relink(item.body, urls.get), ())

    async def _add(self, row: ItemRow, file: SourceFile) -> ArticleFile | None:
        data = await self._bytes(row.import_id, file.digest)
        try:
            if data is None:
                raise FileRefusedError("its bytes were not kept")
            return await add_file(self.session, self.blobs, Upload(file.name, data), article_id=row.article_id, editor=self.editor)
        except FileRefusedError as error:
            row.notes = [*row.notes, f"{file.name[:200]} was not attached: {error.message}."]
            return None

    async def _bytes(self, import_id: UUID, digest: str) -> bytes | None:
        query = select(ImportFileRow.data).where(ImportFileRow.import_id == import_id, ImportFileRow.digest == digest)
        return (await self.session.execute(query)).scalar()
