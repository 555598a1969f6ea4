"""Sentence encoders behind one small port, by name."""

from nlu.encoders.port import Encoder
from nlu.encoders.registry import ENCODERS, get_encoder, register_encoder

__all__ = ["ENCODERS", "Encoder", "get_encoder", "register_encoder"]
