"""What `examples/demo.py` is made of; the story itself is told there."""
