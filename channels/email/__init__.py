"""E-mail: read from a mailbox over IMAP, sent over SMTP."""
