"""Units of the simulated areas: what drives them, and how they fire.

Each area has a module that defines its tuning. `light` and `contents` define what the units receive of an image, and
`spikes` turns drives into counts. No tuning is taken from a network or from the baselines.
"""
