"""What a site alone knows: the keys behind the names of patients, and behind checkpoints."""
