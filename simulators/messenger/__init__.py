"""A simulated page and Instagram account: the Graph API as far as messages and comments need it, and people who write."""
