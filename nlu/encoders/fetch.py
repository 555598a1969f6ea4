"""`python -m nlu.encoders.fetch NAME REVISION`: prints the folder of a model from the Hugging Face hub, downloaded when it is not here."""

from __future__ import annotations

import sys

from huggingface_hub import snapshot_download

from nlu.encoders.exports import refuse
from nlu.errors import EncoderError

_LEFT_OUT = ["*.h5", "*.msgpack", "onnx/*", "openvino/*", "coreml/*"]
_OFFLINE = (
    "Download it where there is a network (`hf download {name} --revision {revision} --local-dir FOLDER`), "
    "copy the folder here and name it instead: st:/path/to/FOLDER"
)


def main(name: str, revision: str) -> str:
    """The folder. What is in the hub's cache already is taken from there, without a network. Raises EncoderError."""
    try:
        return snapshot_download(name, revision=revision, local_files_only=True, ignore_patterns=_LEFT_OUT)
    except Exception:  # noqa: S110 -- not here yet; the next call says what is wrong
        pass
    try:
        return snapshot_download(name, revision=revision, ignore_patterns=_LEFT_OUT)
    except Exception as error:
        said = str(error).strip().splitlines()
        reason = said[0][:200] if said else type(error).__name__
        hint = _OFFLINE.format(name=name, revision=revision)
        raise EncoderError(f"The model {name}@{revision} cannot be fetched: {reason}", hint=hint) from None


if __name__ == "__main__":
    try:
        sys.stdout.write(main(sys.argv[1], sys.argv[2]) + "\n")
    except EncoderError as refused:
        refuse(refused)
