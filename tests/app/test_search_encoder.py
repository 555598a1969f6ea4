"""What reads for search: by name, two as one, remembered on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.search_encoder import search_encoder
from app.settings import SEARCH_ENCODERS, read_settings
from nlu.errors import EncoderError


def test_two_names_with_a_plus_are_one_encoder(tmp_path: Path) -> None:
    settings = replace(read_settings({}), encoder_search="hashing + hashing", encoder_dir=tmp_path)
    one, two = search_encoder(replace(settings, encoder_search="hashing")), search_encoder(settings)
    assert two.dimension == 2 * one.dimension
    np.testing.assert_allclose(np.linalg.norm(two.encode(["where is my order"]), axis=1), 1.0, atol=1e-5)


def test_what_is_remembered_is_the_same(tmp_path: Path) -> None:
    settings = replace(read_settings({}), encoder_search="hashing", encoder_dir=tmp_path)
    plain, kept = search_encoder(settings), search_encoder(settings, remembering=True)
    np.testing.assert_array_equal(kept.encode(["tea"]), plain.encode(["tea"]))
    assert (tmp_path / "embeddings.sqlite").is_file()
    assert kept.name == plain.name


@pytest.mark.parametrize("name", ["nonsense", "hashing+nonsense", "hashing+"])
def test_a_name_that_does_not_exist_is_an_error_that_names_those_that_do(name: str, tmp_path: Path) -> None:
    with pytest.raises(EncoderError) as refused:
        search_encoder(replace(read_settings({}), encoder_search=name, encoder_dir=tmp_path))
    assert "e5-multilingual" in str(refused.value.hint)


def test_the_setting_has_a_default_and_is_read() -> None:
    assert read_settings({}).encoder_search == SEARCH_ENCODERS
    assert read_settings({"BATON_ENCODER_SEARCH": "minilm-l6-v2"}).encoder_search == "minilm-l6-v2"
