"""The health of the knowledge base: articles that say the same, contradict each other, are out of date or link to nothing."""
