"""Small documents made in code: PDF by hand, Word, Excel and archives."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence

import docx
import openpyxl
import pypdf
from PIL import Image

Line = tuple[str, int, int]  # text, size in points, distance from the foot of the page


def pdf(pages: Sequence[Sequence[Line]]) -> bytes:
    """A PDF with text at the given sizes, in Helvetica with Windows-1252 letters."""
    objects: list[bytes] = [b"<< /Type /Catalog /Pages 2 0 R >>", b""]
    objects.append(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>")
    kids = []
    for lines in pages:
        drawn = b"".join(f"BT /F1 {size} Tf 1 0 0 1 72 {y} Tm ({_escaped(text)}) Tj ET\n".encode("cp1252") for text, size, y in lines)
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn))
        page = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> /Contents {len(objects)} 0 R >>"
        )
        objects.append(page.encode())
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return _assembled(objects)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _assembled(objects: Sequence[bytes]) -> bytes:
    out = bytearray(b"%PDF-1.4\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer << /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(out)


GUIDE = pdf(
    [
        [
            ("Care of ceramics", 22, 780), ("Wash by hand with warm water and a soft", 11, 740),
            ("sponge, and let it dry in the air.", 11, 726),
            ("Glazed bowls", 16, 690), ("They may go into the dish-", 11, 670), ("washer at 50 degrees.", 11, 656), ("Page 1", 8, 30),
        ],
        [
            ("Raw clay", 16, 780), ("Never use soap. Rinse and dry.", 11, 756), ("\u2022 no oven", 11, 730), ("\u2022 no freezer", 11, 716),
            ("Page 2", 8, 30),
        ],
        [("Repairs", 16, 780), ("Send us a picture first, então respondemos.", 11, 756), ("Page 3", 8, 30)],
    ]
)  # fmt: skip


def encrypted(data: bytes, password: str) -> bytes:
    """A PDF under a password."""
    writer = pypdf.PdfWriter(clone_from=pypdf.PdfReader(io.BytesIO(data)))
    writer.encrypt(password, algorithm="AES-256")
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def word(*, shown: bytes = b"") -> bytes:
    """A Word document with title, headings, lists and a table, and a picture if wanted."""
    document = docx.Document()
    document.add_heading("Returns guide", 0)
    document.add_paragraph("You have ").add_run("30 days").bold = True
    document.add_heading("Costs", 1)
    table = document.add_table(rows=2, cols=2)
    for place, text in enumerate(("Where", "Price", "Macau", "MOP 40")):
        table.cell(place // 2, place % 2).text = text
    document.add_heading("Steps", 2)
    for text in ("Open the order", "Choose return"):
        document.add_paragraph(text, style="List Number")
    document.add_paragraph("in the app", style="List Bullet")
    if shown:
        document.add_picture(io.BytesIO(shown))
    return _saved(document)


def _saved(document: docx.document.Document) -> bytes:
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()


def sheet(rows: Sequence[Sequence[object]], *, further: Sequence[Sequence[object]] = ()) -> bytes:
    """An Excel file; `further` are rows of a second sheet."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    if further:
        second = book.create_sheet("Other")
        for row in further:
            second.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def archive(files: dict[str, bytes]) -> bytes:
    """A zip archive."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(name, data)
    return target.getvalue()


def with_entry(data: bytes, name: str, content: bytes) -> bytes:
    """The archive with one entry replaced or added."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        files = {entry: packed.read(entry) for entry in packed.namelist()}
    return archive(files | {name: content})


def picture(color: tuple[int, int, int] = (200, 30, 30), kind: str = "PNG") -> bytes:
    """A small picture of one colour."""
    target = io.BytesIO()
    Image.new("RGB", (4, 4), color).save(target, kind)
    return target.getvalue()
