"""What an operator or a developer does from start to finish, with files, processes and a real Keystone beside it."""
