"""A simulated WooCommerce shop (REST wc/v3), a process of its own: `python -m simulators.woocommerce --port 9101`."""
