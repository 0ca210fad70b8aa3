"""The resource types the lab knows: one module each, registered in `table.py`."""
