"""Simulators of providers, for development, demos and tests. They share no code with `channels/`."""
