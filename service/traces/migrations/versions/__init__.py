"""One module per released change of the schema; a released one is never edited."""
