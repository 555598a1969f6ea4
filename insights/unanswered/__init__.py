"""What customers asked and nothing answered: gathered into questions, drafted, closed by an article, watched."""
