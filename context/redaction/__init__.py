"""Taking out of what people write what tells who they are."""
