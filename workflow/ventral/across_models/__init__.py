"""Statistics across models, on any table with one row per model and layer."""
