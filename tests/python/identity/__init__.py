"""The Identity API: the same stories told to a real Keystone and to Fernstone, each with a database of its own."""
