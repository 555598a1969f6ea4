"""Rasa 3.6.21 as the other engine: it lives in an environment of its own (`make rasa-env`) and is spoken to over files and HTTP."""
