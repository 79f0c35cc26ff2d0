"""Contents that files often have in place of data: the page of a web error, and a pointer to a large file."""

PAGE = b"<!DOCTYPE html><html><body>404 Not Found</body></html>"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n"
