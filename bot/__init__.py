"""Decides what to say: a dialogue engine over the Rasa 3 project format, and the turn that calls it."""
