"""What a study consists of and what its numbers depend on, as files beside its tables."""
