"""Which action comes next: rules, memorised stories, fallback; each says why."""
