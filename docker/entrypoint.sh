#!/bin/sh
# Prepares the database, the keys and the first user, each of which is left alone where it is there already, and serves.
# Options of keystone.conf come from the environment: OS_<SECTION>__<OPTION>.
set -eu
url="${PUBLIC_URL:-http://127.0.0.1:5000/v3}"
fernstone db_sync
fernstone fernet_setup
fernstone bootstrap \
    --bootstrap-password "${ADMIN_PASSWORD:-secret}" \
    --bootstrap-public-url "$url" --bootstrap-internal-url "$url" --bootstrap-admin-url "$url" \
    --bootstrap-region-id RegionOne
exec fernstone serve --listen 0.0.0.0:5000
