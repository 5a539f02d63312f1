"""A Flask service of the older school: flask_keystone, flask_oslolog and an oslo.policy enforcer that decides by role.

Runs inside `.venv-flask22` (flask_keystone needs Flask below 2.3): `older_service.py CONFIG PORT`.
"""

import sys

from flask import Flask, jsonify, request
from flask_keystone import FlaskKeystone, current_user
from flask_oslolog import OsloLog
from oslo_config import cfg
from oslo_context import context
from oslo_policy import policy
from werkzeug.serving import make_server

RULES = [
    policy.RuleDefault("widgets:read", "role:reader"),
    policy.RuleDefault("widgets:write", "role:member and project_id:%(project_id)s"),
    policy.RuleDefault("widgets:purge", "role:admin"),
]

log, keystone = OsloLog(), FlaskKeystone()
app = Flask("older_service")


@app.get("/widgets/<action>")
def widgets(action):
    """Allowed when the policy says so for the caller's token and the project named in the query."""
    caller = context.RequestContext.from_environ(request.environ)
    target = {"project_id": request.args.get("project_id", caller.project_id)}
    if not app.enforcer.enforce(f"widgets:{action}", target, caller.to_policy_values()):
        return jsonify(error="not for you"), 403
    return jsonify(user=current_user.user_id, roles=sorted(current_user.roles), boss=current_user.is_boss())


@app.get("/boss")
@keystone.requires_role("boss")
def boss():
    """Guarded by flask_keystone's own mapping of Keystone's roles."""
    return jsonify(user=current_user.user_name)


if __name__ == "__main__":
    cfg.CONF(["--config-file", sys.argv[1]], project="older_service")
    log.init_app(app)
    keystone.init_app(app)
    app.enforcer = policy.Enforcer(cfg.CONF)
    app.enforcer.register_defaults(RULES)
    make_server("127.0.0.1", int(sys.argv[2]), app, threaded=True).serve_forever()
