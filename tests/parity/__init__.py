"""Parity: small projects that Rasa 3.6.21 and Baton both play. `docs/rasa-parity.md` says how."""
