"""`python -m nlu.encoders.export_e5 OUT`: multilingual E5 to ONNX in 8-bit integers, from the package's weights. Needs torch.

OUT gets model.onnx (word vectors in, token states out), pieces.model and readings.json (the tokenizer) and manifest.json. The word vectors
stay in the package's own file.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import torch
from sentencepiece.sentencepiece_model_pb2 import ModelProto  # type: ignore[attr-defined]
from transformers import BertConfig, BertModel

from nlu.encoders.e5 import DIMENSION, PIECES, READINGS, model_file
from nlu.encoders.e5_file import E5File, Pieces
from nlu.encoders.exporting import TokenStates, write_graph
from nlu.encoders.exports import GRAPH, write_export

_PARTS = {  # the package's names for the weights of a layer: those of BERT, and the width of their input
    "q": ("attention.self.query", "width"),
    "k": ("attention.self.key", "width"),
    "v": ("attention.self.value", "width"),
    "ao": ("attention.output.dense", "width"),
    "fi": ("intermediate.dense", "width"),
    "fo": ("output.dense", "inner"),
}
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def load_network(file: E5File) -> Any:
    """The network in torch, on one thread, ready for inference."""
    torch.set_num_threads(1)
    shape = file.shape
    config = BertConfig(
        vocab_size=shape.words,
        hidden_size=shape.width,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.epsilon,
        attn_implementation="eager",
    )
    model = BertModel(config, add_pooling_layer=False).eval()
    model.load_state_dict({name: torch.from_numpy(value) for name, value in _weights(file).items()}, strict=True)
    return model


def _weights(file: E5File) -> dict[str, Any]:
    width = file.shape.width
    found: dict[str, Any] = {
        "embeddings.word_embeddings.weight": file.matrix("emb.word", width),
        "embeddings.position_embeddings.weight": file.floats("emb.pos").reshape(-1, width),
        "embeddings.token_type_embeddings.weight": _types(file),
        "embeddings.LayerNorm.weight": file.floats("emb.ln.w"),
        "embeddings.LayerNorm.bias": file.floats("emb.ln.b"),
    }
    for layer in range(file.shape.layers):
        for part, (name, size) in _PARTS.items():
            found[f"encoder.layer.{layer}.{name}.weight"] = file.matrix(f"l{layer}.{part}.w", getattr(file.shape, size))
            found[f"encoder.layer.{layer}.{name}.bias"] = file.floats(f"l{layer}.{part}.b")
        for part, name in _NORMS.items():
            found[f"encoder.layer.{layer}.{name}.weight"] = file.floats(f"l{layer}.{part}.w")
            found[f"encoder.layer.{layer}.{name}.bias"] = file.floats(f"l{layer}.{part}.b")
    return found


def _types(file: E5File) -> Any:
    """The package keeps the first row only, the one that is used."""
    rows = file.floats("emb.type").reshape(-1, file.shape.width)
    return rows.repeat(file.shape.types, axis=0) if len(rows) == 1 else rows


def write_tokenizer(pieces: Pieces, path: Path) -> None:
    """The tokenizer of XLM-RoBERTa (Kudo 2018, unigram) as a model of sentencepiece; characters are read before (`readings`)."""
    model = ModelProto()
    special = {pieces.begin: model.SentencePiece.CONTROL, pieces.end: model.SentencePiece.CONTROL}
    special |= {pieces.padding: model.SentencePiece.CONTROL, pieces.unknown: model.SentencePiece.UNKNOWN}
    for number, (text, score) in enumerate(pieces.scored):
        model.pieces.add(piece=text, score=score, type=special.get(number, model.SentencePiece.NORMAL))
    model.trainer_spec.model_type = model.trainer_spec.UNIGRAM
    model.trainer_spec.bos_id, model.trainer_spec.eos_id = pieces.begin, pieces.end
    model.trainer_spec.pad_id, model.trainer_spec.unk_id = pieces.padding, pieces.unknown
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.remove_extra_whitespaces = False
    path.write_bytes(model.SerializeToString())


def main(out: Path) -> None:
    """Writes the export to `out`."""
    file = E5File(model_file())
    with tempfile.TemporaryDirectory(dir=out.parent) as folder:
        graph, tokenizer, read = (Path(folder) / name for name in (GRAPH, PIECES, READINGS))
        write_graph(TokenStates(load_network(file)), graph, "states", integers=True)
        write_tokenizer(file.pieces, tokenizer)
        read.write_text(json.dumps(file.pieces.read_as), encoding="utf-8")
        at = {"words_at": file.where("emb.word")[0], "words": file.shape.words}
        at |= {"begin": file.pieces.begin, "end": file.pieces.end}
        write_export(out, [graph, tokenizer, read], {"dimension": DIMENSION, **at})


if __name__ == "__main__":
    main(Path(sys.argv[1]))
