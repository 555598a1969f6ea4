"""The page where editors import articles: sources, previews to decide about, how far an import is, export."""
