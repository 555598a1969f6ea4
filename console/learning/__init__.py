"""The page where people teach the bot: what it did not understand, training, models."""
