"""Generated from protos/leadrelay/v1 by `make protos`; not edited by hand."""
