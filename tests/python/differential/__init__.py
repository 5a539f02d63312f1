"""The same requests to Fernstone and to a real Keystone on the same database and keys."""
