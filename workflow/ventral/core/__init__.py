"""What every stage stands on: errors, files that are written whole, devices, logs and hashes."""
