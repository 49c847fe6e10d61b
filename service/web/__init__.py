"""The doors over HTTP: each reads a request, asks for an assessment and writes the answer."""
