"""The one writer: decides, commits once, tells what it committed."""
