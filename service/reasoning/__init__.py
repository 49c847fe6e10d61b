"""The rulebook run on a record: the engine, the prognostic group, the reasons."""
