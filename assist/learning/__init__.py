"""Learning from what became of suggestions: outcomes, a ranker fitted on them, its versions."""
