def bad_pictures(): return {}
