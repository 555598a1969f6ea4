"""What an agent may do next: the likely action with what it still lacks, done in two steps through the same typed actions as the bot."""
