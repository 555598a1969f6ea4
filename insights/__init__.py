"""Insights: what customers asked that the bot did not understand, how people teach it, and which trained model serves."""
