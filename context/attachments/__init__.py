"""Files that people send with messages, both ways."""
