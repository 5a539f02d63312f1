"""The WSGI application that uWSGI serves as the real Keystone; runs inside `.venv-keystone`, not in the tests' own.

Keystone computes a user's roles up to nine times in one validation. Its request-local cache (on by default, with
`dogpile.cache.null` behind it) turns 450 SQL statements into 40, but the object that it hangs on stays on the thread
until the *next* request has been authenticated, so that token validation would see the previous request's rows. Each
request here starts with none: as fresh as `[cache] enabled = false`, several times faster.
"""

from urllib.parse import unquote

from keystone.wsgi.api import application as keystone
from oslo_context import context


def application(environ, start_response):
    """One request, with nothing remembered from the one before it."""
    context._request_store.context = None
    # What a web server that ends TLS would say about the client's certificate.
    if "HTTP_X_TEST_CLIENT_CERTIFICATE" in environ:
        environ["SSL_CLIENT_CERT"] = unquote(environ.pop("HTTP_X_TEST_CLIENT_CERTIFICATE"))
    return keystone(environ, start_response)
