def bad_arrays(): return {}
