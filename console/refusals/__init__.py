"""Refusals in the language of who reads them."""
