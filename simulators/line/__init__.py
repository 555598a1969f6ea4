"""A stand-in for LINE's Messaging API and for the phones of its users."""
