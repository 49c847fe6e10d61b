"""Cards: findings written for a clinician with half a minute."""
