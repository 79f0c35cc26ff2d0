"""What every stage needs: errors, files that are written whole, devices, logs and hashes."""
