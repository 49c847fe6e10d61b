"""The shapes the operations refer to, by theme."""
