"""Every address, by the door it belongs to."""
