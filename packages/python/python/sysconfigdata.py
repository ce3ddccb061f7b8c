"""What `sysconfig` asks of the build of CPython: a plugin has no files."""

build_time_vars = {}
