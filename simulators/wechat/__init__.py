"""A simulated WeChat: its server push in both modes, and its API."""
