"""What the reference page takes from the code: one module for each kind of section."""
