"""Order sources: one file a system, behind `context/orders/source.py`."""
