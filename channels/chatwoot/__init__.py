"""Chatwoot as an outside desk: Baton is its agent bot, and a panel beside its conversations."""
