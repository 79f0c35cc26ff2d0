def bad_recordings(): return {}
