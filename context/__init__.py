"""The shared customer context: who writes, what was said on every channel, what was ordered, who holds the conversation."""
