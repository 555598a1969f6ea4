"""A stand-in for Telegram's Bot API and for the phones of its users."""
