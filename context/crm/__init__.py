"""Customer systems outside: what they know comes in, what was done goes out."""
