"""What the service endures: workers killed, databases that fail, lock or stop, a full disk, many patients.

``make soak`` runs all of it at length and prints figures; the suite runs each scenario once and briefly.
"""
