"""Rasa's doors: clients that were made for Rasa's channels and HTTP API talk to Baton unchanged."""
