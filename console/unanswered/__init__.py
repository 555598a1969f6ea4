"""The page where editors turn what nothing answered into articles."""
