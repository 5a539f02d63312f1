"""A Flask service behind keystonemiddleware, as people write them today: `plain_service.py CONFIG PORT`."""

import sys

from flask import Flask, jsonify, request
from keystonemiddleware import auth_token
from oslo_config import cfg
from werkzeug.serving import make_server

app = Flask(__name__)


@app.get("/whoami")
def whoami():
    """What the middleware learned about the caller; with `delay_auth_decision` everybody gets here."""
    return jsonify({name: value for name, value in request.headers.items() if name.startswith("X-")})


@app.get("/widgets")
def widgets():
    """A service that decides late: strangers are turned away here, not in the middleware."""
    if request.headers.get("X-Identity-Status") != "Confirmed":
        return jsonify(error="who are you?"), 401
    return jsonify(project=request.headers["X-Project-Id"], roles=sorted(request.headers["X-Roles"].split(",")))


if __name__ == "__main__":
    configuration = cfg.ConfigOpts()
    configuration(["--config-file", sys.argv[1]], project="plain_service")
    app.wsgi_app = auth_token.AuthProtocol(app.wsgi_app, {"oslo_config_config": configuration})
    make_server("127.0.0.1", int(sys.argv[2]), app, threaded=True).serve_forever()
