"""Runs the identity tests of tempest, OpenStack's own conformance suite, and compares the outcome with `expected.txt`.

python -m tempest_run                               # Fernstone from nothing, on SQLite and then on Postgres
python -m tempest_run --store sqlite --only test_roles
python -m tempest_run --url http://127.0.0.1:5000/v3 --all-pass     # any server: a real Keystone passes the whole list
"""
