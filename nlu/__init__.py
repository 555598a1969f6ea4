"""Text in, understanding out: language, intent, entities, sentiment. Knows text, not customers."""
