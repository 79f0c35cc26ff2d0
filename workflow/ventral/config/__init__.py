"""The configuration of a study: its entries as classes, its schema, and its faults as sentences."""
