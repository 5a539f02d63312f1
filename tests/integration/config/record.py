"""Records what oslo.config makes of configurations, for the tests of `src/config`.

    python record.py DIRECTORY

writes `ini.json`, `types.json`, `values.json`, `searches.json` and `urls.json` into DIRECTORY. Run it with the Python of an environment
that holds `keystone==30.0.0`. The cases are written down here or made with a fixed seed, so a second run writes the
same files.
"""

import json
import os
import random
import sys
import tempfile
import warnings

OUTPUT = sys.argv[1]
sys.argv = ["keystone"]
warnings.simplefilter("ignore")

import keystone.conf
from keystone.common import sql
from keystone.server.flask import core as flask_core
from oslo_config import cfg, types
from oslo_middleware import cors, http_proxy_to_wsgi, sizelimit
from oslo_policy import opts as policy_opts
from sqlalchemy.engine import make_url

CONF = cfg.CONF


# --- the dialect ------------------------------------------------------------------------------------------------------

FAULTS = {
    "No ':' or '=' found in assignment": "NoAssignment",
    "Key cannot be empty": "EmptyKey",
    "Unexpected continuation line": "UnexpectedContinuation",
    "Invalid section (must end with ])": "UnclosedSection",
    "Empty section name": "EmptySection",
    "Section must be started before assignment": "NoSection",
}

INI_TEXTS = [
    "",
    "\n",
    "   \n\t\n",
    "[a]\nb = c\n",
    "[a]\nb = c",
    "[a]\nb: c\n",
    "[a]\nb = c : d\nurl: http://x = y\nconnection = postgresql://u:p@h/d\n",
    "[a]\nb=\nc:\n",
    "[a]\nb = 'quoted'\nc = \"quoted\"\nd = 'unclosed\ne = 'mixed\"\nf = '\ng = \"\"\nh = ''inner''\n",
    "[a]\nb = ' kept spaces '\n",
    "[a]\nb = c # not a comment\nd = e ; nor this\n",
    "# comment\n; comment\n[a]\n#b = c\n;d = e\n",
    "[a]\nb = c\n  continued\n\tagain\n",
    "[a]\nb = c\n  # not a comment\n  d = e\n",
    "[a]\nb = c\n\n  after a blank line\n",
    "[a]\nb = c\n# comment\n  after a comment\n",
    "[a]\nb = 'c\n  d'\n",
    "[a]\nb =\n  first\n  second\n",
    "[a]\n  indented at once\n",
    "  indented first\n",
    "b = c\n",
    "b = c\n[a]\n",
    "b = c\n\n[a]\n",
    "\n\nb = c",
    "b\n",
    "[a]\nb\n",
    "[a]\n= c\n",
    "[a]\n  = c\n",
    "[a]\n: c\n",
    "[a\nb = c\n",
    "[a] \nb = c\n",
    "[a] # comment\nb = c\n",
    "[a]b = c\n",
    "[]\n",
    "[\n",
    "[ ]\nb = c\n",
    "[ a ]\nb = c\n",
    "[[a]]\nb = c\n",
    "[a]\nb = 1\n[c]\nb = 2\n[a]\nb = 3\nd = 4\n",
    "[a]\nb = 1\nb = 2\nb = 3\n",
    "[A]\nb = 1\n[a]\nb = 2\n[DEFAULT]\nb = 3\n[default]\nb = 4\n[Default]\nb = 5\n",
    "[a]\nB = 1\nb = 2\n",
    "[a]\r\nb = c\r\n  d\r\n",
    "[a]\rb = c\rd = e",
    "[a]\nb = c   \t \n",
    "[a]\n\u00a0b = c\n",
    "[a]\nb\u00a0=\u00a0c\u00a0\n",
    "[a]\nb = \u2003c\u2003\n",
    "[a]\nb = c\x1c\n",
    "[a]\n\x0bb = c\n",
    "[a]\nb = c\x0cd\n",
    "[a]\nb = c\u2028d\n",
    "[a]\nb = c\x85d\n",
    "\ufeff[a]\nb = c\n",
    "[a]\nname with spaces = c\n",
    "[a]\nb == c\n",
    "[a]\nb =: c\n",
    "[a]\nb := c\n",
    "[ümlaut]\nschlüssel = wört\n",
    "[a]\n'b' = c\n",
    "[a]\nb = \\n\\t\\\\\n",
    "[a]\nb = %(c)s\n",
]

PIECES = [
    "[a]", "[b]", "[DEFAULT]", "[A]", "[", "]", "[]", "[a", "b", "key", "=", ":", " = ", " : ", "'", '"', "#", ";", " ",
    "\t", "  ", "value", "1", ",", "$", "\\", "\u00a0", "\x1f", "x=y", "'q'", '"q"', "key = ", "key: ", "# c", "; c",
]


def random_text(rng):
    lines = []
    for _ in range(rng.randint(1, 9)):
        kind = rng.random()
        if kind < 0.2:
            lines.append("[%s]" % rng.choice(["a", "b", "DEFAULT", "B"]))
        elif kind < 0.5:
            lines.append("%s%s%s" % (rng.choice(["k", "l", "k "]), rng.choice(["=", ":", " = "]),
                                     "".join(rng.choices(PIECES, k=rng.randint(0, 3)))))
        elif kind < 0.65:
            lines.append(rng.choice([" ", "\t"]) + "".join(rng.choices(PIECES, k=rng.randint(0, 3))))
        elif kind < 0.75:
            lines.append("")
        elif kind < 0.85:
            lines.append(rng.choice(["#", ";"]) + rng.choice(["", " comment", "k = v"]))
        else:
            lines.append("".join(rng.choices(PIECES, k=rng.randint(1, 4))))
    text = rng.choice(["", "[a]\n", "[b]\n"]) + rng.choice(["\n", "\n", "\n", "\r\n"]).join(lines)
    return text + rng.choice(["", "\n"])


def record_ini(directory):
    rng = random.Random(30)
    cases = []
    for text in INI_TEXTS + [random_text(rng) for _ in range(400)]:
        path = os.path.join(directory, "case.conf")
        with open(path, "w", newline="") as out:
            out.write(text)
        sections = {}
        parser = cfg.ConfigParser(path, sections)
        try:
            parser.parse()
            case = {"text": text, "sections": sections}
        except cfg.ParseError as error:
            case = {"text": text, "line": error.lineno, "fault": FAULTS[error.msg]}
        cases.append(case)
    return cases


# --- the types --------------------------------------------------------------------------------------------------------

TEXT, INT, FLOAT, BOOL = {"kind": "text"}, {"kind": "int"}, {"kind": "float"}, {"kind": "bool"}

TYPES = [
    (TEXT, types.String(), ["", "a", " a ", "None", "é"]),
    ({"kind": "text", "choices": ["off", "New"]}, types.String(choices=["off", "New"]), ["off", "new", "New", "", "OFF"]),
    ({"kind": "text", "choices": ["off", "New"], "ignore_case": True},
     types.String(choices=["off", "New"], ignore_case=True), ["off", "new", "OFF", "nEW", "x"]),
    (BOOL, types.Boolean(), ["true", "True", "TRUE", "1", "on", "On", "yes", "YES", "false", "0", "off", "no", "No", "",
                             " true", "t", "y", "2", "none", "enabled", "true "]),
    (INT, types.Integer(), ["0", "1", "-1", "+1", " 1 ", "", "  ", "01", "007", "1_000", "_1", "1_", "1__0", "1.0", "1e3",
                            "0x10", "one", "--1", "- 1", "9223372036854775807", "9223372036854775808",
                            "-9223372036854775809", "\n3\n", "1,000", "NaN", "+_1", "-"]),
    ({"kind": "int", "min": 0, "max": 10}, types.Integer(min=0, max=10), ["-1", "0", "5", "10", "11", "", "x"]),
    ({"kind": "int", "min": 1}, types.Integer(min=1), ["0", "1", "99999999999"]),
    ({"kind": "int", "min": 0, "max": 65535}, types.Port(), ["0", "65535", "65536", "-1", "http"]),
    (FLOAT, types.Float(), ["0", "1.5", "-1.5", ".5", "5.", "1e3", "1E-3", "", " 2 ", "inf", "-inf", "Infinity", "1_0.5",
                            "1._5", "1e1_0", "x", "0x1p3", "1,5", "1e", "+.5e+1", ".", "1e400"]),
    ({"kind": "float", "min": 0.0, "max": 1.0}, types.Float(min=0, max=1), ["0", "1", "-0.1", "1.1", "0.5"]),
    ({"kind": "list", "of": TEXT}, types.List(), ["", " ", "a", "a,b", " a , b ", "a,,b", "a,", "a,b,,", ",a", ",", "a, ,b",
                                                  "a,b, ,", "a\nb", "'a,b'", "[a,b]", "a b,c d"]),
    ({"kind": "list", "of": INT}, types.List(types.Integer()), ["1,2", "1,x", "1,,2", "", " 1 , 2 "]),
    ({"kind": "list", "of": {"kind": "text", "choices": ["a,b", "c"]}}, types.List(types.String(choices=["a,b", "c"])),
     ["a,b", "a,b,c", "c,a,b", "a", "a,c", "c,c", "a,b,a"]),
    ({"kind": "list", "of": TEXT, "bounds": True}, types.List(bounds=True), ["[a,b]", "[]", "a,b", "[a", "a]", "[a,b],",
                                                                            " [ a ] ", "[", "[a,]"]),
    ({"kind": "dict", "of": TEXT}, types.Dict(), ["", "a:b", "a:b,c:d", " a : b , c : d ", "a", "a:b,c", "a:b:c", ":b", "a:",
                                                  "a:b,a:c", "a:b,c,d:e", ",", "a:b,", "a:b,:"]),
    ({"kind": "dict", "of": {"kind": "list", "of": TEXT, "bounds": True}}, types.Dict(types.List(bounds=True)),
     ["a:[b,c]", "a:[b,c],d:[e]", "a:b", "a:[b", "a:[]"]),
    ({"kind": "uri", "schemes": ["http", "https"]}, types.URI(schemes=["http", "https"]),
     ["http://a", "https://a", "ftp://a", "HTTP://a"]),
    ({"kind": "uri", "max_length": 12}, types.URI(max_length=12), ["http://a/b/c", "http://a/b/cd"]),
    ({"kind": "uri"}, types.URI(), [
        "http://localhost", "http://localhost:5000", "http://localhost:5000/", "https://keystone.example.com/identity/v3",
        "http://", "http:///path", "http:/path", "http:", "//host", "host", "host:5000", "", " http://a", "http://a ",
        "http://a b", "http://a/b c", "http://a/%20", "http://a/%2", "http://a/%zz", "http://%41", "http://%4",
        "http://user@host", "http://user:pw@host:1/", "http://@host", "http://us er@host", "http://a@b@c", "http://a:b:c",
        "http://a:", "http://a:99999", "http://a:123456", "http://a:x", "http://127.0.0.1", "http://256.0.0.1",
        "http://1.2.3", "http://1.2.3.4.5", "http://999.999.999.999", "http://1.2.3.4444", "http://[::1]",
        "http://[::1]:5000/x", "http://[::1", "http://[]", "http://[1:2:3:4:5:6:7:8]", "http://[1:2:3:4:5:6:7:8:9]",
        "http://[::ffff:1.2.3.4]", "http://[::1%25eth0]", "http://[fe80::1%eth0]", "http://[v1.a:b]", "http://[v.a]",
        "http://[::g]", "1http://a", "h-t+t.p://a", "h_t://a", "ht tp://a", "http://a?b", "http://a?b c", "http://a#b",
        "http://a#b c", "http://a/b?c#d", "http://ä", "http://a/ä", "http://a\\b", "http://a/b\\c", "http://a_b", "http://a,b",
        "http://a!$&'()*+;=b", "http://a/:@!$&'()*+,;=", "http://a/[b]", "http://a/b|c", "http://a/\"b\"", "http://a//b",
        "urn:a:b", "mailto:a@b", "http://$host", "file:///etc", "HTTP://A", "http://.", "http://-",
    ]),
]


def plain(value):
    """A value as JSON; numbers that JSON does not have are named."""
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return {"float": str(value)}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return value


def record_types():
    cases = []
    for kind, converter, texts in TYPES:
        for text in texts:
            case = {"kind": kind, "text": text}
            try:
                case["value"] = plain(converter(text))
            except ValueError:
                case["refused"] = True
            cases.append(case)
    return cases


# --- whole configurations ---------------------------------------------------------------------------------------------


def one(text, *read, **more):
    """A case with a single file."""
    return {"files": {"keystone.conf": text}, "given": [["file", "keystone.conf"]], "read": list(read), **more}


def several(files, given, *read, **more):
    return {"files": files, "given": given, "read": list(read), **more}


EXPIRATION = "token.expiration"
CASES = {
    "a value": one("[token]\nexpiration = 7\n", EXPIRATION),
    "the last of several values": one("[token]\nexpiration = 7\nexpiration = 8\n", EXPIRATION),
    "a section in two parts": one("[token]\nexpiration = 7\n[auth]\n[token]\nexpiration = 8\n", EXPIRATION),
    "a section in other letters": one("[TOKEN]\nexpiration = 7\n", EXPIRATION),
    "a section in two spellings": one("[Token]\nexpiration = 7\n[token]\nexpiration = 8\n[TOKEN]\n", EXPIRATION),
    "an option in other letters": one("[token]\nExpiration = 7\n", EXPIRATION),
    "default in small letters": one("[default]\nlist_limit = 7\n", "DEFAULT.list_limit"),
    "default in capitals": one("[DEFAULT]\nlist_limit = 7\n", "DEFAULT.list_limit"),
    "a section with spaces": one("[ token ]\nexpiration = 7\n", EXPIRATION),
    "an empty number": one("[token]\nexpiration =\n", EXPIRATION),
    "a bad number": one("[token]\nexpiration = soon\n", EXPIRATION),
    "a number out of bounds": one("[token]\nexpiration = -1\n", EXPIRATION),
    "a bad value before a good one": one("[token]\nexpiration = soon\nexpiration = 8\n", EXPIRATION),
    "an empty text": one("[resource]\nadmin_project_name =\n", "resource.admin_project_name"),
    "a quoted text": one("[resource]\nadmin_project_name = ' admin '\n", "resource.admin_project_name"),
    "a continued text": one("[resource]\nadmin_project_name = a\n  b\n", "resource.admin_project_name"),
    "a continued list": one("[auth]\nmethods = password,\n  token,\n  # mapped,\n", "auth.methods"),
    "an empty list": one("[auth]\nmethods =\n", "auth.methods"),
    "a repeated list": one("[auth]\nmethods = password\nmethods = token\n", "auth.methods"),
    "a choice": one("[resource]\nproject_name_url_safe = new\n", "resource.project_name_url_safe"),
    "a choice in other letters": one("[resource]\nproject_name_url_safe = New\n", "resource.project_name_url_safe"),
    "a choice without case": one("[DEFAULT]\nlog_rotation_type = SIZE\n", "DEFAULT.log_rotation_type"),
    "a bad choice": one("[identity]\npassword_hash_algorithm = md5\n", "identity.password_hash_algorithm"),
    "a bad truth": one("[token]\nallow_rescope_scoped_token = maybe\n", "token.allow_rescope_scoped_token"),
    "a bad truth on the command line's side": one("[DEFAULT]\ndebug = maybe\n", "DEFAULT.debug"),
    "an endpoint": one("[DEFAULT]\npublic_endpoint = https://k:5000\n", "DEFAULT.public_endpoint"),
    "a bad endpoint": one("[DEFAULT]\npublic_endpoint = k:5000\n", "DEFAULT.public_endpoint"),
    "a repeated option": one("[oslo_policy]\npolicy_dirs = a\npolicy_dirs = b,c\n", "oslo_policy.policy_dirs"),
    "a repeated option in two sections": one(
        "[oslo_policy]\npolicy_dirs = a\n[Oslo_Policy]\npolicy_dirs = b\n", "oslo_policy.policy_dirs"),
    "a repeated option in two files": several(
        {"a.conf": "[oslo_policy]\npolicy_dirs = a\npolicy_dirs = b\n", "b.conf": "[oslo_policy]\npolicy_dirs = c\n"},
        [["file", "a.conf"], ["file", "b.conf"]], "oslo_policy.policy_dirs"),
    "a repeated option, empty": one("[tokenless_auth]\ntrusted_issuer =\n", "tokenless_auth.trusted_issuer"),
    "later files win": several(
        {"a.conf": "[token]\nexpiration = 1\n[revoke]\nexpiration_buffer = 5\n", "b.conf": "[token]\nexpiration = 2\n"},
        [["file", "a.conf"], ["file", "b.conf"]], EXPIRATION, "revoke.expiration_buffer"),
    "the same file twice": several(
        {"a.conf": "[token]\nexpiration = 1\n", "b.conf": "[token]\nexpiration = 2\n"},
        [["file", "a.conf"], ["file", "b.conf"], ["file", "a.conf"]], EXPIRATION),
    "a directory, in order of names": several(
        {"d/10.conf": "[token]\nexpiration = 10\n", "d/9.conf": "[token]\nexpiration = 9\n",
         "d/B.conf": "[revoke]\nexpiration_buffer = 2\n", "d/a.conf": "[revoke]\nexpiration_buffer = 1\n",
         "d/z.txt": "[token]\nexpiration = 1\n", "d/.h.conf": "[token]\nexpiration = 2\n",
         "d/sub/z.conf": "[token]\nexpiration = 3\n"},
        [["dir", "d"]], EXPIRATION, "revoke.expiration_buffer"),
    "a directory before a file": several(
        {"d/a.conf": "[token]\nexpiration = 1\n", "b.conf": "[token]\nexpiration = 2\n"},
        [["dir", "d"], ["file", "b.conf"]], EXPIRATION),
    "a file before a directory": several(
        {"d/a.conf": "[token]\nexpiration = 1\n", "b.conf": "[token]\nexpiration = 2\n"},
        [["file", "b.conf"], ["dir", "d"]], EXPIRATION),
    "an empty directory": several({"d/readme": ""}, [["dir", "d"]], EXPIRATION),
    "no such file": several({}, [["file", "absent.conf"]], EXPIRATION),
    "no such directory": several({}, [["dir", "absent"]], EXPIRATION),
    "one file there and one not": several({"a.conf": ""}, [["file", "a.conf"], ["file", "b.conf"]], EXPIRATION),
    "a broken file": one("[token]\nexpiration\n", EXPIRATION),
    "a broken file in a directory": several({"d/a.conf": "x = 1\n"}, [["dir", "d"]], EXPIRATION),
    # the environment
    "the environment over a file": one("[token]\nexpiration = 7\n", EXPIRATION, env={"OS_TOKEN__EXPIRATION": "9"}),
    "the environment alone": several({}, [], EXPIRATION, env={"OS_TOKEN__EXPIRATION": "9"}),
    "the environment for the default section": several(
        {}, [], "DEFAULT.list_limit", "DEFAULT.debug",
        env={"OS_DEFAULT__LIST_LIMIT": "9", "OS_DEFAULT__DEBUG": "yes"}),
    "the environment in small letters": several({}, [], EXPIRATION, env={"OS_token__expiration": "9"}),
    "the environment with one underscore": several({}, [], EXPIRATION, env={"OS_TOKEN_EXPIRATION": "9"}),
    "the environment with spaces": several(
        {}, [], EXPIRATION, "token.allow_rescope_scoped_token",
        env={"OS_TOKEN__EXPIRATION": " 9 ", "OS_TOKEN__ALLOW_RESCOPE_SCOPED_TOKEN": " no "}),
    "the environment with quotes": several(
        {}, [], "resource.admin_project_name", env={"OS_RESOURCE__ADMIN_PROJECT_NAME": "'admin'"}),
    "an empty variable": one(
        "[resource]\nadmin_project_name = a\n[token]\nexpiration = 7\n", "resource.admin_project_name", EXPIRATION,
        env={"OS_RESOURCE__ADMIN_PROJECT_NAME": "", "OS_TOKEN__EXPIRATION": ""}),
    "a bad variable": several({}, [], EXPIRATION, env={"OS_TOKEN__EXPIRATION": "soon"}),
    "a bad variable over a good file": one("[token]\nexpiration = 7\n", EXPIRATION, env={"OS_TOKEN__EXPIRATION": "soon"}),
    "a good variable over a bad file": one("[token]\nexpiration = soon\n", EXPIRATION, env={"OS_TOKEN__EXPIRATION": "7"}),
    "a list in the environment": several({}, [], "auth.methods", env={"OS_AUTH__METHODS": "password, token"}),
    "a reference in the environment": several(
        {}, [], "resource.admin_project_name",
        env={"OS_RESOURCE__ADMIN_PROJECT_NAME": "x-$admin_project_domain_name",
             "OS_RESOURCE__ADMIN_PROJECT_DOMAIN_NAME": "d"}),
    "the environment under an older name": several({}, [], "revoke.cache_time", env={"OS_TOKEN__REVOCATION_CACHE_TIME": "9"}),
    # older names
    "an older name": one("[token]\nrevocation_cache_time = 9\n", "revoke.cache_time"),
    "an older name beside the new one": one(
        "[token]\nrevocation_cache_time = 9\n[revoke]\ncache_time = 8\n", "revoke.cache_time"),
    "an older name in a later file": several(
        {"a.conf": "[revoke]\ncache_time = 8\n", "b.conf": "[token]\nrevocation_cache_time = 9\n"},
        [["file", "a.conf"], ["file", "b.conf"]], "revoke.cache_time"),
    "an older section": one("[assignment]\nlist_limit = 9\n", "resource.list_limit"),
    "an older name of the same section": one("[DEFAULT]\nlogfile = a.log\n", "DEFAULT.log_file"),
    "an older name in other letters": one("[Token]\nrevocation_cache_time = 9\n", "revoke.cache_time"),
    "two older names": one("[cache]\nredis_password = a\nmemcache_password = b\n", "cache.password"),
    "a name with a hyphen": one("[DEFAULT]\nlog-file = a.log\n", "DEFAULT.log_file"),
    "an older name with a hyphen": one("[DEFAULT]\nlog-config = a.ini\n", "DEFAULT.log_config_append"),
    # references
    "a reference": one("[resource]\nadmin_project_domain_name = d\nadmin_project_name = $admin_project_domain_name\n",
                       "resource.admin_project_name"),
    "a reference in braces": one(
        "[resource]\nadmin_project_domain_name = d\nadmin_project_name = a${admin_project_domain_name}b\n",
        "resource.admin_project_name"),
    "a reference to the default section": one(
        "[DEFAULT]\nlog_dir = /l\n[fernet_tokens]\nkey_repository = $log_dir/keys\n", "fernet_tokens.key_repository"),
    "the own section before the default section": one(
        "[DEFAULT]\nlist_limit = 1\n[identity]\nlist_limit = 2\ndefault_domain_id = $list_limit\n",
        "identity.default_domain_id"),
    "a reference to another section": one(
        "[fernet_receipts]\nkey_repository = ${fernet_tokens.key_repository}x\n[identity]\n"
        "default_domain_id = $token.provider\n", "fernet_receipts.key_repository", "identity.default_domain_id"),
    "a reference to a default": one("[identity]\ndefault_domain_id = $max_password_length\n", "identity.default_domain_id"),
    "a reference to nothing set": one("[identity]\ndefault_domain_id = a${list_limit}b\n", "identity.default_domain_id"),
    "a reference to a truth": one("[identity]\ndefault_domain_id = ${DEFAULT.debug}\n", "identity.default_domain_id"),
    "a reference to a truth without a section": one("[identity]\ndefault_domain_id = ${debug}\n", "identity.default_domain_id"),
    "a reference to a list": one(
        "[identity]\ndefault_domain_id = $auth.methods\n[auth]\nmethods = password, it's, \"q\", it's\"q\", b\\n\n",
        "identity.default_domain_id"),
    "a reference to an empty list": one("[identity]\ndefault_domain_id = $cache.proxies\n", "identity.default_domain_id"),
    "a reference to a repeated option": one(
        "[identity]\ndefault_domain_id = $oslo_policy.policy_dirs\n", "identity.default_domain_id"),
    "a reference to a dictionary": one(
        "[identity]\ndefault_domain_id = $domain_config.additional_whitelisted_options\n"
        "[domain_config]\nadditional_whitelisted_options = a:[b,c]\n", "identity.default_domain_id"),
    "a reference to a fraction": one(
        "[identity]\ndefault_domain_id = ${cache.socket_timeout} ${oslo_policy.remote_timeout} ${profiler.socket_timeout}\n",
        "identity.default_domain_id"),
    "a reference to a large fraction": one(
        "[identity]\ndefault_domain_id = ${cache.socket_timeout}\n[cache]\nsocket_timeout = 1e22\n",
        "identity.default_domain_id"),
    "a reference to a small fraction": one(
        "[identity]\ndefault_domain_id = ${cache.socket_timeout}\n[cache]\nsocket_timeout = 0.00001\n",
        "identity.default_domain_id"),
    "a chain of references": one(
        "[DEFAULT]\nlog_dir = $log_file\nlog_file = $log_date_format\nlog_date_format = x\n"
        "[identity]\ndefault_domain_id = $log_dir\n", "identity.default_domain_id"),
    "a reference to itself": one("[identity]\ndefault_domain_id = $default_domain_id\n", "identity.default_domain_id"),
    "references in a ring": one(
        "[resource]\nadmin_project_name = $admin_project_domain_name\nadmin_project_domain_name = $admin_project_name\n",
        "resource.admin_project_name"),
    "a reference to no option": one("[identity]\ndefault_domain_id = $absent\n", "identity.default_domain_id"),
    "a reference to no option of a section": one("[identity]\ndefault_domain_id = $token.absent\n", "identity.default_domain_id"),
    "a reference to no section": one("[identity]\ndefault_domain_id = $absent.driver\n", "identity.default_domain_id"),
    "a reference to a section": one("[identity]\ndefault_domain_id = $token\n", "identity.default_domain_id"),
    "a reference in other letters": one("[identity]\ndefault_domain_id = $Driver\n", "identity.default_domain_id"),
    "a reference with a dot behind": one("[identity]\ndefault_domain_id = $driver.\n", "identity.default_domain_id"),
    "a reference with a dot inside braces": one("[identity]\ndefault_domain_id = ${driver}.\n", "identity.default_domain_id"),
    "a reference to a bad value": one(
        "[identity]\ndefault_domain_id = $token.expiration\n[token]\nexpiration = soon\n", "identity.default_domain_id"),
    "a reference to an older name": one(
        "[identity]\ndefault_domain_id = $token.revocation_cache_time\n", "identity.default_domain_id"),
    "a reference as a number": one("[token]\nexpiration = $fernet_tokens.max_active_keys\n", EXPIRATION),
    "a reference in a list": one("[auth]\nmethods = password,$identity.driver\n", "auth.methods"),
    "a reference in a repeated option": one(
        "[oslo_policy]\npolicy_dirs = $policy_file\npolicy_dirs = b\n", "oslo_policy.policy_dirs"),
    "a reference in a quoted value": one("[identity]\ndefault_domain_id = '$driver'\n", "identity.default_domain_id"),
    "dollar signs": one("[identity]\ndefault_domain_id = a$$b $$driver $$$driver $$$$\n", "identity.default_domain_id"),
    "escaped dollar signs": one("[identity]\ndefault_domain_id = a\\$b \\$driver \\\\$driver \\$\\$\n",
                                "identity.default_domain_id"),
    "dollar signs that start nothing": one(
        "[identity]\ndefault_domain_id = $ $1 ${ ${} ${1} ${a b} $- a$\n", "identity.default_domain_id"),
    "a brace that does not close": one("[identity]\ndefault_domain_id = ${driver\n", "identity.default_domain_id"),
    "a reference with a digit": one("[identity]\ndefault_domain_id = $list_limit2\n", "identity.default_domain_id"),
    "a reference with an underscore": one("[identity]\ndefault_domain_id = ${_driver}\n", "identity.default_domain_id"),
    "a hyphen ends a reference": one("[identity]\ndefault_domain_id = $driver-x\n", "identity.default_domain_id"),
    # the store's address
    "a connection": one("[database]\nconnection = postgresql://k:p%40ss@db/keystone?sslmode=require\n", "database.connection"),
    "a connection with a dollar sign": one("[database]\nconnection = postgresql://k:a$$b@db/k\n", "database.connection"),
    "a connection with an accidental reference": one("[database]\nconnection = postgresql://k:a$b@db/k\n", "database.connection"),
}


def register():
    keystone.conf.configure()
    sql.initialize()
    keystone.conf.set_config_defaults()
    CONF.register_opts([o for _, opts in policy_opts.list_opts() for o in opts], group="oslo_policy")
    CONF.register_opts(cors.CORS_OPTS, group="cors")
    CONF.register_opts(sizelimit.OPTS, group="oslo_middleware")
    CONF.register_opts(http_proxy_to_wsgi.OPTS, group="oslo_middleware")


def read(name):
    section, option = name.split(".")
    try:
        group = None if section == "DEFAULT" else section
        return {"value": plain(CONF._get(option, CONF._get_group(group) if group else None))}
    except RecursionError:
        return {"refused": "ring"}
    except (cfg.NoSuchOptError, cfg.NoSuchGroupError, cfg.TemplateSubstitutionError):
        return {"refused": "reference"}
    except ValueError:
        return {"refused": "value"}


def record_values(directory):
    cases = []
    for number, (name, case) in enumerate(CASES.items()):
        root = os.path.join(directory, str(number))
        os.mkdir(root)
        for path, text in case["files"].items():
            os.makedirs(os.path.dirname(os.path.join(root, path)), exist_ok=True)
            with open(os.path.join(root, path), "w", newline="") as out:
                out.write(text)
        arguments = []
        for kind, path in case["given"]:
            arguments += ["--config-" + kind, os.path.join(root, path)]
        environment = case.get("env", {})
        os.environ.update(environment)
        recorded = {"name": name, "files": case["files"], "given": case["given"], "env": environment}
        stderr, sys.stderr = sys.stderr, open(os.devnull, "w")
        try:
            CONF(arguments, project="keystone", default_config_files=[], default_config_dirs=[])
            recorded["outcome"] = {option: read(option) for option in case["read"]}
        except cfg.ConfigFilesNotFoundError as error:
            recorded["refused"] = "files not found"
            recorded["paths"] = [os.path.relpath(path, root) for path in error.config_files]
        except cfg.ConfigDirNotFoundError:
            recorded["refused"] = "directory not found"
        except cfg.ConfigFileParseError:
            recorded["refused"] = "syntax"
        except SystemExit:
            # Options that are on the command line too are converted as soon as files are read.
            recorded["outcome"] = {option: {"refused": "value"} for option in case["read"]}
        finally:
            sys.stderr = stderr
        for variable in environment:
            del os.environ[variable]
        cases.append(recorded)
    return cases


# --- which files ------------------------------------------------------------------------------------------------------

SEARCHES = [
    ({"OS_KEYSTONE_CONFIG_DIR": "/d"}, []),
    ({"OS_KEYSTONE_CONFIG_DIR": " /d/ "}, []),
    ({"OS_KEYSTONE_CONFIG_FILES": "/a/x.conf;/b/y.conf"}, []),
    ({"OS_KEYSTONE_CONFIG_FILES": " /a/x.conf ; ;/b/y.conf;"}, []),
    ({"OS_KEYSTONE_CONFIG_DIR": "/d", "OS_KEYSTONE_CONFIG_FILES": "x.conf;/b/y.conf"}, []),
    ({"OS_KEYSTONE_CONFIG_DIR": "/d", "OS_KEYSTONE_CONFIG_FILES": ";"}, []),
    ({"OS_KEYSTONE_CONFIG_DIR": "/d"}, [["file", "/a/x.conf"]]),
    ({"OS_KEYSTONE_CONFIG_DIR": "/d"}, [["dir", "/c"]]),
    ({}, [["file", "/a/x.conf"]]),
    ({}, [["file", "/a/x.conf"], ["dir", "/c/"], ["file", "/b/y.conf"], ["dir", "/e"], ["file", "/a/z.conf"]]),
    ({}, [["file", "~/x.conf"], ["dir", "~/c"]]),
    ({}, [["file", "/a/../b/./x.conf"]]),
    ({"SNAP": "/s", "SNAP_COMMON": "/t"}, [["file", "/a/x.conf"]]),
]


def record_searches():
    """The files that are read by default, and the directories in which files that options name are looked for."""
    cases = []
    for environment, given in SEARCHES:
        environment = {"HOME": "/home/keystone", **environment}
        before = dict(os.environ)
        os.environ.update(environment)
        looked_in = []
        search, parse, exists = cfg._search_dirs, cfg.ConfigParser._parse_file, os.path.exists
        cfg.ConfigParser._parse_file = classmethod(lambda *_: None)
        os.path.exists = lambda path: True
        arguments = [part for kind, path in given for part in ("--config-" + kind, path)]
        files = flask_core._get_config_files()
        CONF(arguments, project="keystone", default_config_files=files, default_config_dirs=[])
        cfg._search_dirs = lambda dirs, *_: looked_in.extend(dirs)
        CONF.find_file("policy.yaml")
        cfg._search_dirs, cfg.ConfigParser._parse_file, os.path.exists = search, parse, exists
        os.environ.clear()
        os.environ.update(before)
        cases.append({"env": environment, "given": given, "default_files": files, "search_dirs": looked_in})
    return cases


# --- database URLs ----------------------------------------------------------------------------------------------------

URLS = [
    "postgresql://", "postgresql:///", "postgresql:///db", "postgresql://host", "postgresql://host/", "postgresql://host/db",
    "postgresql://host:5433/db", "postgresql://host:/db", "postgresql://user@host/db", "postgresql://user:pw@host/db",
    "postgresql://user:@host/db", "postgresql://:pw@host/db", "postgresql://@host/db", "postgresql+psycopg2://u:p@h:1/d",
    "postgres://u:p@h/d", "postgresql+asyncpg://u:p@h/d", "postgresql://u:p%40ss%2Fw%3A@h/d", "postgresql://u%40x:p@h/d",
    "postgresql://u:p/w@h/d", "postgresql://u:p?w@h/d", "postgresql://u:p#w@h/d", "postgresql://u:p:w@h/d",
    "postgresql://u:p@w@h/d", "postgresql://u@x:p@h/d", "postgresql://u@x@h/d", "postgresql://u/x@h/d",
    "postgresql://u:p+w@h/d", "postgresql://h/d%20b", "postgresql://h/d/e", "postgresql://h/d?", "postgresql://h?a=b",
    "postgresql://h/d?sslmode=require", "postgresql://h/d?sslmode=require&application_name=k+s%20t", "postgresql://h/d?a=&b=c",
    "postgresql://h/d?a", "postgresql://h/d?a=b=c", "postgresql://h/d?a=b;c=d", "postgresql://[::1]/d",
    "postgresql://[::1]:5433/d", "postgresql://u:p@[fe80::1]:5433/d", "postgresql://u:p@10.0.0.1:5433/d",
    "postgresql://u@/d?options=-c%20search_path%3Dk", "postgresql://h:5433/d?x=a@b",
    "sqlite://", "sqlite:///", "sqlite:///keystone.db", "sqlite:////var/lib/keystone.db", "sqlite:///:memory:",
    "sqlite:///with%20space.db", "sqlite:////a?timeout=5", "sqlite+pysqlite:///a.db", "sqlite:///C:\\a.db",
    "mysql://u:p@h/d", "mysql+pymysql://u:p@h/d?charset=utf8", "mariadb://h/d", "oracle://h/d", "", "postgresql",
    "postgresql:host/d", "://host", "post gres://h/d", "postgresql://h:port/d",
]


def record_urls():
    cases = []
    for url in URLS:
        try:
            parsed = make_url(url)
        except Exception:
            cases.append({"url": url, "refused": True})
            continue
        cases.append({
            "url": url, "scheme": parsed.drivername, "username": parsed.username, "password": parsed.password,
            "host": parsed.host, "port": parsed.port, "database": parsed.database, "query": dict(parsed.query),
        })
    return cases


def main():
    register()
    with tempfile.TemporaryDirectory() as directory:
        recorded = {
            "ini": record_ini(directory),
            "types": record_types(),
            "values": record_values(directory),
            "urls": record_urls(),
            "searches": record_searches(),
        }
    for name, cases in recorded.items():
        with open(os.path.join(OUTPUT, name + ".json"), "w") as out:
            # One case a line, so that a changed recording reads as what changed.
            lines = ",\n".join(json.dumps(case, ensure_ascii=True) for case in cases)
            out.write("[\n%s\n]\n" % lines)
        print(name, len(cases))


main()
