"""Starts and stops the programs that the Python tests talk to, and compares what they answer."""
