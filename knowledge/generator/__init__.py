"""A language model that words answers, if one is connected: asked with fenced data, believed in nothing that the passages do not say."""
