"""A simulated Shopify shop (Admin GraphQL), a process of its own: `python -m simulators.shopify --port 9102`."""
