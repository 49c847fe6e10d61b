"""Traces carried out of the store, in forms that somebody without the store can read and check."""
