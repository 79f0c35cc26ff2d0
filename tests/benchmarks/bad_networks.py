def bad_networks(): return {}
