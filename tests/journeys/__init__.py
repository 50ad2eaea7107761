"""What people do, done by a browser on a running system: processes, Valkey, SQLite and Chromium are real."""
