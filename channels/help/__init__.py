"""The help centre: the public pages of the knowledge base."""
