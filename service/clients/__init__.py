"""Who may ask, how it proves itself, and how it likes its cards."""
