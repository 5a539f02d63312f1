"""Tokens that no login gives out, packed by the real Keystone's own formatter: expired ones, and ones whose user,
project or trust is not there. Runs inside `.venv-keystone`: reads a JSON list of tokens from standard input, writes the
texts of the tokens as a JSON list.

    craft.py KEYSTONE_CONF < wanted.json
"""

import json
import sys
from datetime import UTC, datetime, timedelta

import keystone.conf
from keystone.common import utils
from keystone.token import token_formatters as formatters

CLASSES = {
    "unscoped": formatters.UnscopedPayload,
    "domain": formatters.DomainScopedPayload,
    "project": formatters.ProjectScopedPayload,
    "system": formatters.SystemScopedPayload,
    "trust": formatters.TrustScopedPayload,
    "federated": formatters.FederatedUnscopedPayload,
    "federated_project": formatters.FederatedProjectScopedPayload,
    "federated_domain": formatters.FederatedDomainScopedPayload,
    "oauth": formatters.OauthScopedPayload,
    "application_credential": formatters.ApplicationCredentialScopedPayload,
    "oauth2": formatters.Oauth2CredentialsScopedPayload,
}


def craft(wanted):
    """One token: `class`, `expires_in` (seconds from now, may be negative), and the fields of Keystone's create_token."""
    expires = datetime.now(UTC).replace(tzinfo=None) + timedelta(seconds=wanted.pop("expires_in"))
    payload_class = CLASSES[wanted.pop("class")]
    return formatters.TokenFormatter().create_token(
        expires_at=utils.isotime(expires, subsecond=True), payload_class=payload_class, **wanted
    )


if __name__ == "__main__":
    keystone.conf.configure()
    keystone.conf.CONF([], project="keystone", default_config_files=[sys.argv[1]])
    print(json.dumps([craft(wanted) for wanted in json.load(sys.stdin)]))
