"""What an auditor and a clinician look at: view models in Python, templates, and one style sheet.

Everything is made on the server and works without a script. The models are pure: they are given
what was stored and say what is to be shown; ``rendering`` alone knows the templates.
"""
