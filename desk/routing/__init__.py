"""Which team and which person get a conversation, and why: readable rules, a pure decision, and the one who carries it out."""
