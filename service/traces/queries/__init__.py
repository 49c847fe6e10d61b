"""The questions of an audit, a module for each topic; every page is found by number, never by counting rows."""
