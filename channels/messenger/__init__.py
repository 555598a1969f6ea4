"""Facebook Messenger and Instagram: messages, and what people write in public under posts."""
