"""SOAP 1.1 and 1.2 (behaviour 4.1): zeep reads WSDLs and builds envelopes, and everything is sent by us."""
