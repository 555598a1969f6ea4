"""Importing and keeping in step: sources, runs that read and compare them, what editors approve, and what is then stored."""
