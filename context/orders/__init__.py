"""The shop's orders: read by customers who prove them and by agents, imported from the shop's own system."""
