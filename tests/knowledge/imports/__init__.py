"""Imports: previews, storing, keeping in step, in the real database."""
