"""How articles are used: who asks for each, what it answered and what not, counted from the event log."""
