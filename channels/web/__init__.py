"""Web chat: the widget on the shop's pages."""
