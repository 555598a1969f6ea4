"""The learned policy: a small transformer over dialogue turns says what comes next on paths that no story goes."""
