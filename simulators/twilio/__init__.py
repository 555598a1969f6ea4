"""A stand-in for Twilio's messaging API, the carriers behind it, and the phones of customers."""
