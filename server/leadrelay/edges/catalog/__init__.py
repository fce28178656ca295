"""From catalog files to a checked catalog, with every problem located and explained (behaviour 2)."""
