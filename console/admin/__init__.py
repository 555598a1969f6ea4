"""Pages for those who run the installation: people, roles, tokens, bot versions, teams, rules, channels, the record of changes."""
