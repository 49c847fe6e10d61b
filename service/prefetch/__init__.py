"""What a hook was sent of the chart, and what is read from its FHIR server instead."""
