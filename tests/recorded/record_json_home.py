#!/usr/bin/env python3
"""Records the JSON home of a real Keystone.

    record_json_home.py http://127.0.0.1:5000 > json-home.json
"""

import json
import sys
import urllib.request

request = urllib.request.Request(f"{sys.argv[1]}/v3", headers={"Accept": "application/json-home"})
with urllib.request.urlopen(request) as response:
    document = json.load(response)
json.dump(document, sys.stdout, indent=1, sort_keys=True)
print()
