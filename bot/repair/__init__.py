"""Mending a talk in every flow, without the bot's author writing it; `baton: repair:` of config.yml says what of it is done."""
