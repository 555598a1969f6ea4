"""Who is here, who waits, who takes what."""
