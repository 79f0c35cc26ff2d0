"""The subcommands of `ventral`, one per module. `add` of each describes its arguments."""
