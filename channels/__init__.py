"""One folder a channel. Bot and channels never import each other: they meet in the database."""
