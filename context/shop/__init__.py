"""What the shop keeps beside its orders: products, gift cards, points, and what customers asked to have done."""
