"""The command line, one file a group of commands; it receives what it needs and makes no adapter."""
