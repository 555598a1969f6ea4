"""WhatsApp Business, by the Cloud API of Meta."""
