"""Where articles are imported from. One kind of source is one file here and one line in `registry.py`.

What parses untrusted bytes is imported by the process that parses (`apart.py`), never by the server.
"""
