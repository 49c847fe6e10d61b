"""The answer as FHIR R4 resources: written from a decision, and from nothing else."""
