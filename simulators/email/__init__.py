"""A mail provider on this machine: SMTP takes mails, IMAP gives them out, and a control API plays the customers."""
