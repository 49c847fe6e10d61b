"""Where traces are kept: an append-only chain of headers, and bodies that can be erased alone."""
