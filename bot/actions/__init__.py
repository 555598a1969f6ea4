"""Typed actions that run in process, one file each; `registry.py` lists them."""
