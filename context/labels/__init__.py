"""Labels on conversations."""
