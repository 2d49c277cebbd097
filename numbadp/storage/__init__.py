"""Release files: bytes to plans and arrays and back; what is read is untrusted input."""
