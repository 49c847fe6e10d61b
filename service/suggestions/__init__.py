"""What a card offers to do, as drafts of FHIR resources."""
