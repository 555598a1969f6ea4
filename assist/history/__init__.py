"""Replies learned from what agents wrote: gathered, kept redacted, offered once they are not one person's alone."""
