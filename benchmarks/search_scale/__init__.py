"""How search grows: speed, recall, memory and building from a thousand articles to a million passages."""
