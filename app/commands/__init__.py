"""The commands of `baton`, a file a theme."""
