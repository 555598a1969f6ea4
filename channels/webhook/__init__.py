"""Any system of the shop, by signed webhooks in a documented form of our own."""
