"""Articles to passages to search to grounded answers. Knows text, not customers; an editor is an opaque id here."""
