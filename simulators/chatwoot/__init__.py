"""A Chatwoot with one account, one inbox with an agent bot, and people who answer: as much of it as an agent bot sees."""
