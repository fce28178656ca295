"""Sample recipients: small real HTTP servers to deliver to, for the demo, the bench and the tests."""
