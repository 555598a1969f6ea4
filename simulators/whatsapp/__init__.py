"""A stand-in for WhatsApp's Cloud API and for the phones of customers."""
