"""The trained token tagger: entities, with roles and groups, that the training sentences mark."""
