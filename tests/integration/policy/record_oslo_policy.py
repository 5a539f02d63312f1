#!/usr/bin/env python3
"""Asks the real oslo.policy a large number of questions and records its answers.

    python record_oslo_policy.py oslo_policy.json

Needs keystone==30.0.0 and oslo.policy==6.0.1 from PyPI. The recording beside this file is what the Rust test
`replay.rs` replays. The questions come from a fixed seed: the same releases give the same recording.

An answer is one letter: y (allowed), n (refused), e (an exception, which Keystone turns into a 500).
"""

import copy
import importlib.metadata
import json
import os
import pathlib
import random
import sys
import tempfile
import unittest.mock
import warnings

from keystone.common import context as keystone_context
from keystone.common import policies
from keystone.common import utils
from oslo_config import cfg
from oslo_policy import _parser
from oslo_policy import policy

SEED = 20300


def answer(enforcer, rule, target, credentials):
    try:
        return "y" if enforcer.enforce(rule, target, copy.deepcopy(credentials)) else "n"
    except Exception:
        return "e"


# --- the language -------------------------------------------------------------------------------------------------

# Rules that the others may refer to.
NAMED = {
    "admin_required": "role:admin or is_admin:1",
    "owner": "user_id:%(user_id)s",
    "both": "rule:admin_required and rule:owner",
    "never": "!",
    "always": "@",
    "empty": "",
    "loop": "rule:loop",
    "ping": "role:admin or rule:pong",
    "pong": "rule:ping",
    "broken": "role:admin and",
    "missing_reference": "not rule:nowhere",
}

CREDENTIALS = [
    {},
    {
        "user_id": "u1",
        "project_id": "p1",
        "domain_id": None,
        "system_scope": None,
        "roles": ["admin", "reader"],
        "is_admin": 1,
        "token": {"project": {"id": "p1", "domain": {"id": "d1"}}, "user": {"id": "u1", "OS-FEDERATION": {"x": "y"}}},
    },
    {"user_id": "u2", "roles": ["ReAdEr", "Custom"], "domain_id": "d1", "token": {"domain": {"id": "d1"}}},
    {"user_id": "u3", "roles": ["member"], "system_scope": "all", "is_admin": True},
    {"user_id": "5", "roles": [], "system": "all", "token": None, "True": "x"},
    {
        "user_id": 5,
        "groups": [{"id": "g1", "tags": ["a", "b"]}, {"id": "g2", "tags": []}, {"id": None}],
        "a": {"b": {"c": "deep", "l": [1, "two", None, True, 2.0, ["x"], {"k": "v"}]}},
        "flag": True,
        "none": None,
        "number": 1.5,
        "roles": ["x y", "Größe", "ÀB"],
        "OS-X": {"y-z": "w"},
        "system_scope": "",
        "system": "none",
    },
    {"user_id": "u1", "roles": "admin", "groups": "g1"},
    {"user_id": "u1", "roles": ["admin", 1]},
    {"user_id": ["u1", "u2"], "roles": None, "groups": [[{"id": "g1"}]], "a": [{"b": [{"c": "deep"}]}, {"b": None}]},
]

TARGETS = [
    {},
    {
        "user_id": "u1",
        "role": "ADMIN",
        "x": "u1",
        "target.user.id": "u1",
        "target.role.name": "member",
        "target.domain.id": "d1",
        "project_id": "p1",
        "s": "admin",
    },
    {
        "user_id": "5",
        "role": "custom",
        "x": None,
        "n": None,
        "t": True,
        "i": 5,
        "f": 1.5,
        "big": 1e16,
        "l": [1, "a", None],
        "d": {"k": "it's"},
        "e": "",
        "s": "é",
        "a(b)": "u1",
        "target.domain.id": None,
        "target.role.name": "Größe",
    },
]

# One check each; the random rules are made of these too.
CHECKS = """
    @ ! role:admin role:ADMIN role:reader role:nobody role:%(role)s role:%(nope)s role: role:größe role:àb role:x
    rule:admin_required rule:owner rule:both rule:never rule:always rule:empty rule:nowhere rule:loop rule:ping
    rule:broken rule:missing_reference rule: user_id:u1 user_id:%(user_id)s user_id:%(x)s user_id:%(target.user.id)s
    user_id:5 user_id:None project_id:%(project_id)s domain_id:%(target.domain.id)s domain_id:None
    None:%(target.domain.id)s None:%(n)s None:None system_scope:all system:all system:none system: is_admin:1
    is_admin:True token.project.domain.id:d1 token.domain.id:%(target.domain.id)s token.user.OS-FEDERATION.x:y
    OS-X.y-z:w a.b.c:deep a.b:x a.b.l:1 a.b.l:two a.b.l:None a.b.l:True a.b.l:2.0 a.b.l:['x'] a.b.l:{'k':'v'}
    a.b.l.k:v groups.id:g1 groups.id:g2 groups.id:None groups.tags:b groups.tags:zz groups:g1 groups.nope:x
    user_id.x:1 none.x:1 none:None flag:True flag:1 number:1.5 roles:admin roles:reader roles.name:x
    'admin':%(s)s "admin":%(s)s 'member':%(target.role.name)s 'a''b':ab 'é':%(s)s 'it\\'s':it's '\\x61':a r'\\x61':\\x61
    True:%(t)s False:%(t)s True:True None:%(x)s 5:%(i)s 05:5 -5:-5 +5:5 --5:5 1.5:%(f)s 1e16:%(big)s 1e15:x .5:0.5
    5.:5.0 1_0:10 0x10:16 0b1:1 1+2:3 1j:1j ...:Ellipsis ():() a-b:c a--b:c -a:b a+:b a.:b .a:b a..b:c a.1:b 1a:b 1.a:b
    class:x is:x not:x in:x lambda:x print:x a.class:x a/b:c a//b:c a**b:c *a:b a@b:c a|b:c a%b:c a<b:c a==b:c a=b:c
    a!b:c $a:b a$:b a?:b `a`:b :x ::x x: 'a:b x:'a' é:x €:x __a__:x _:x #a:b a#b:c
    x:%(a x:%(a)x x:%(x) x:% x:%% x:%(x)% x:%% x:%(x)5s x:%(x)-5s x:%(x).1s user_id:%(x)s%(nope)s
    user_id:%(nope)s%(a user_id:%%(x)s user_id:u%(i)s user_id:%(i)d user_id:%(s)d user_id:%(user_id).2s
    '%':%% 'u1':%(a(b))s '5':%(i)d '1':%(t)d 'None':%(n)s "[1,'a',None]":%(l)s 'é':%(s)s "'é'":%(s)r "'\\xe9'":%(s)a
    '':%(e)s 'x':x 'a b':c admin admin' 'admin' "admin" 'admin") (role:admin role:admin) role:(admin) role:%(role)s)
""".split()

# Whole rules.
RULES = [
    "", " ", "\t", "()", "(", ")", "and", "or", "not", "not not", "AND", "(and)", "(@)", "((@))", "(!)", "not @", "not !",
    "not not @", "not not !", "NOT !", "Not (not !)", "not(!)", "(not !)", "not (!", "@ @", "@ or", "or @", "@ and",
    "and @", "@ or or @", "@ and or @", "@ not @", "@ and not !", "@ or not @", "! or not ! and !", "not ! and !",
    "not (! and !)", "not ! or !", "! or @ and !", "@ or @ and !", "! and @ or @", "@ and ! or @ and @",
    "! and ! or ! and ! or @", "! or ! and ! or @ and @", "(! or @) and @", "! or (@ and @) and !", "(! or @) and (@ or !)",
    "((! or @) and @) or !", "@ or ! and ! and !", "! or @ and @ and @", "(@ and @) and !", "(@ or !) or !", "@)", "(@",
    "(@))", "((@)", ")@(", "() or @", "( ) @", "@ or ()", "'x'", "'x' or @", "@ or 'x'", "\"x\"", "''", "@ and \"\"",
    "role:admin role:reader", "role:admin or\nrole:reader", "role:admin\u00a0or\u2003@", "role:admin\u001cor\u001f@",
    "role:admin and user_id:%(user_id)s", "role:admin and (user_id:%(user_id)s or rule:owner)",
    "rule:admin_required or rule:owner", "not rule:admin_required", "not rule:nowhere", "not rule:loop", "@ or rule:loop",
    "! and rule:loop", "rule:loop or @", "not role:%(nope)s", "not user_id:%(nope)s", "not groups.id:g1", "not none.x:1",
    "not x:%(a", "not class:x", "@ or class:x", "class:x or @", "not 'a':b", "not 'a':a", "not admin",
    "(role:admin)and(role:reader)", "(role:admin) and(role:reader)", "not(role:admin)", "not (role:admin)",
    "role:admin and not role:reader or role:member", "not role:admin and role:reader",
    "((((((((((@))))))))))", "not " * 40 + "@", "not " * 41 + "@", "(" * 200 + "@" + ")" * 200,
    "@ and " * 300 + "@", "! or " * 300 + "@", "! or @ and " * 100 + "@",
    "(@ and " * 50 + "@" + ")" * 50, "not (" * 50 + "@" + ")" * 50,
    [], [[]], [[], []], ["@"], ["!"], [["@"]], [["@", "!"]], [["@"], ["!"]], [["@", "@"], "!"], ["role:admin", "role:reader"],
    [["role:admin", "user_id:%(user_id)s"], ["rule:owner"]], ["role:x y"], [["role:x y", "@"]], ["'a b':a b"], ["a b:c"],
    [" user_id:u1"], ["user_id :u1"], ["(@)"], ["not @"], ["@ or @"], ["admin"], [["admin", "@"]], [""], ["", "@"], [["", "@"]],
    [[None, "@"]], [["@", 5]], [None], [None, "@"], ["('a'):a"], ["'a' 'b':ab"], ["- 5:-5"],
]


def random_rule(chance):
    """A rule that is well formed, but for what its checks are."""
    depth = 0

    def part():
        nonlocal depth
        depth += 1
        shape = chance.random()
        if depth > 6 or shape < 0.45:
            text = chance.choice(CHECKS)
        elif shape < 0.6:
            text = f"not {part()}"
        elif shape < 0.75:
            text = f"({part()})"
        else:
            text = f" {chance.choice(['and', 'or', 'AND', 'Or'])} ".join(part() for _ in range(chance.randint(2, 4)))
        depth -= 1
        return text

    return part()


def random_words(chance):
    """Words of the language in any order."""
    words = ["and", "or", "not", "(", ")", "@", "!", "(@", "!)", "'q'", *chance.sample(CHECKS, 4)]
    return " ".join(chance.choice(words) for _ in range(chance.randint(1, 9)))


def random_text(chance):
    """Characters that mean something somewhere."""
    return "".join(chance.choice("aA1 .:%()'\"s-_!@\\nxé#\t") for _ in range(chance.randint(1, 14)))


def language():
    chance = random.Random(SEED)
    rules = CHECKS + RULES
    rules += [random_rule(chance) for _ in range(700)]
    rules += [random_words(chance) for _ in range(500)]
    rules += [random_text(chance) for _ in range(400)]
    rules += [random_text(chance) + ":" + chance.choice(["a", "%(x)s", "None", "1"]) for _ in range(200)]

    enforcer = policy.Enforcer(configuration(), use_conf=False)
    recorded, printed, answers = [], [], []
    for rule in rules:
        named = {name: _parser.parse_rule(text) for name, text in NAMED.items()}
        try:
            named["case"] = _parser.parse_rule(rule)
        except Exception:
            continue  # not a rule at all: nothing that a file may contain
        enforcer.set_rules(named)
        recorded.append(rule)
        printed.append(str(named["case"]))
        answers.append(
            "".join(answer(enforcer, "case", target, values) for values in CREDENTIALS for target in TARGETS)
        )
    return {
        "named": NAMED,
        "credentials": CREDENTIALS,
        "targets": TARGETS,
        "rules": recorded,
        "printed": printed,
        "answers": answers,
    }


# --- Keystone's default rules -------------------------------------------------------------------------------------


def token(user="u1", user_domain="d1", roles=(), **scope):
    body = {
        "methods": ["password"],
        "user": {"id": user, "name": f"name of {user}", "domain": {"id": user_domain, "name": user_domain}},
        "roles": [{"id": f"r-{name}", "name": name} for name in roles],
    }
    body.update(scope)
    return body


def in_project(project="p1", domain="d1"):
    return {"project": {"id": project, "name": project, "domain": {"id": domain, "name": domain}}}


def in_domain(domain="d1"):
    return {"domain": {"id": domain, "name": domain}}


IN_SYSTEM = {"system": {"all": True}}

PERSONAS = {
    "system admin": token(user="root", roles=["admin", "manager", "member", "reader"], **IN_SYSTEM),
    "system reader": token(user="auditor", roles=["reader"], **IN_SYSTEM),
    "domain admin": token(user="da", roles=["admin", "manager", "member", "reader"], **in_domain()),
    "domain manager": token(user="dm", roles=["manager", "member", "reader"], **in_domain()),
    "domain reader": token(user="dr", roles=["reader"], **in_domain()),
    "manager of another domain": token(user="om", user_domain="d2", roles=["manager", "reader"], **in_domain("d2")),
    "project admin": token(user="pa", roles=["admin", "manager", "member", "reader"], **in_project()),
    "project manager": token(user="pm", roles=["manager", "member", "reader"], **in_project()),
    "project member": token(user="u1", roles=["member", "reader"], **in_project()),
    "project reader": token(user="u2", roles=["Reader"], is_admin_project=False, **in_project()),
    "reader of another domain's project": token(user="u3", user_domain="d2", roles=["reader"], **in_project("p2", "d2")),
    "service": token(user="nova", roles=["service"], **in_project("services", "default")),
    "owner without a scope": token(user="u1"),
    "custom role": token(user="collector", roles=["token-reader"], **in_project()),
}


def credentials_of(body):
    """What the middleware in front of Keystone makes of a token."""
    scope_domain = body.get("domain", {}).get("id")
    context = keystone_context.RequestContext(
        user_id=body["user"]["id"],
        user_domain_id=body["user"]["domain"]["id"],
        project_id=body.get("project", {}).get("id"),
        project_domain_id=body.get("project", {}).get("domain", {}).get("id"),
        system_scope="all" if "system" in body else None,
        roles=[role["name"] for role in body["roles"]],
        is_admin_project=body.get("is_admin_project", True),
        overwrite=False,
    )
    if scope_domain:
        context.domain_id = scope_domain
        context.is_admin_project = False
    context.token_reference = {"token": body}
    return context


def thing(user="u1", domain="d1", project="p1", role="member", role_domain=None, **more):
    return {
        "user_id": user,
        "target": {
            "user": {"id": user, "domain_id": domain, "extra": {}},
            "project": {"id": project, "domain_id": domain, "tags": ["a"]},
            "domain": {"id": domain},
            "domain_id": domain,
            "group": {"id": "g", "domain_id": domain},
            "role": {"name": role, "domain_id": role_domain},
            "credential": {"user_id": user},
            "token": {"user_id": user, "user": {"domain": {"id": domain}}},
            "trust": {"trustor_user_id": user, "trustee_user_id": "u2"},
            "limit": {"project_id": project, "domain": {"id": domain}, "project": {"domain_id": domain}},
            **more,
        },
    }


DEFAULT_TARGETS = {
    "nothing": {},
    "of the first domain": thing(),
    "of the second": thing(user="u3", domain="d2", project="p2"),
    "of nobody": thing(user=None, domain=None, project=None),
    "the admin role": thing(role="admin", role_domain="d1"),
    "across domains": thing(user="u9", project="p9", group={"id": "g", "domain_id": "d2"}, role={"name": "reader"}),
    "only a name in the URL": {"user_id": "u1"},
}


def configuration(directory=None, **options):
    conf = cfg.ConfigOpts()
    conf(["--config-dir", str(directory)] if directory else [], default_config_files=[], default_config_dirs=[])
    policy.opts._register(conf)
    for name, value in options.items():
        conf.set_override(name, value, group="oslo_policy")
    return conf


def keystone_defaults():
    rules = []
    for rule in policies.list_rules():
        entry = {"name": rule.name, "check": rule.check_str, "scopes": rule.scope_types or []}
        if rule.deprecated_rule:
            entry["replaces"] = {"name": rule.deprecated_rule.name, "check": rule.deprecated_rule.check_str}
        if rule.deprecated_for_removal:
            entry["for_removal"] = True
        rules.append(entry)
    return rules


def registered(rules):
    """The rules as the service would register them."""
    made = []
    for rule in rules:
        replaced = rule.get("replaces")
        made.append(
            policy.RuleDefault(
                rule["name"],
                rule["check"],
                scope_types=rule["scopes"] or None,
                deprecated_rule=replaced
                and policy.DeprecatedRule(
                    replaced["name"], replaced["check"], deprecated_reason="r", deprecated_since="s"
                ),
                deprecated_for_removal=rule.get("for_removal", False),
                deprecated_reason="r" if rule.get("for_removal") else None,
                deprecated_since="s" if rule.get("for_removal") else None,
            )
        )
    return made


class AnyScope:
    """oslo.policy 6 has no way to switch scopes off; before, a mismatch was logged and otherwise ignored."""

    def __init__(self, scoped):
        self.patch = unittest.mock.patch.object(policy.Enforcer, "_enforce_scope", lambda *args, **kwargs: True)
        self.scoped = scoped

    def __enter__(self):
        if not self.scoped:
            self.patch.start()

    def __exit__(self, *_):
        if not self.scoped:
            self.patch.stop()


def grid(enforcer, names):
    targets = [utils.flatten_dict(target) for target in DEFAULT_TARGETS.values()]
    answers = {}
    for name in names:
        letters = ""
        for body in PERSONAS.values():
            for target in targets:
                letters += answer_for_context(enforcer, name, target, credentials_of(body))
        letters += "".join(answer(enforcer, name, target, {}) for target in targets)
        answers[name] = letters
    return answers


def answer_for_context(enforcer, name, target, context):
    try:
        return "y" if enforcer.enforce(name, target, context) else "n"
    except Exception:
        return "e"


def default_answers():
    rules = keystone_defaults()
    answers = {}
    for scoped in (True, False):
        for new in (True, False):
            enforcer = policy.Enforcer(configuration(enforce_new_defaults=new, policy_dirs=[]))
            enforcer.register_defaults(registered(rules))
            key = f"{'scope' if scoped else 'no scope'}, {'new' if new else 'old and new'}"
            with AnyScope(scoped):
                answers[key] = grid(enforcer, [rule["name"] for rule in rules])
    return {
        "rules": rules,
        "personas": PERSONAS,
        "credentials": {name: dict(credentials_of(body).to_policy_values()) for name, body in PERSONAS.items()},
        "targets": DEFAULT_TARGETS,
        "answers": answers,
    }


# --- files over the defaults --------------------------------------------------------------------------------------

RENAMED = [
    {"name": "new:get", "check": "role:reader", "scopes": [], "replaces": {"name": "old:get", "check": "role:old"}},
    {"name": "new:list", "check": "role:reader", "scopes": [], "replaces": {"name": "old:get", "check": "role:old"}},
    {"name": "new:same", "check": "role:x", "scopes": ["project"], "replaces": {"name": "old:same", "check": "role:x"}},
    {"name": "kept", "check": "role:a or role:b", "scopes": ["system"], "replaces": {"name": "kept", "check": "role:c"}},
]

# name, files, options
WORLDS = [
    ("no files", {}, {}),
    ("an override", {"policy.yaml": '"identity:validate_token": "rule:admin_required or role:token-reader"\n'}, {}),
    ("json", {"policy.json": '{"identity:get_user": "role:token-reader", "mine": "@"}'}, {"policy_file": "policy.json"}),
    (
        "a rule of one's own, and a common one changed",
        {"policy.yaml": "admin_required: role:token-reader or rule:mine\nmine: user_id:%(user_id)s\n"},
        {},
    ),
    ("the default rule", {"policy.yaml": "default: role:member\nidentity:get_user: rule:not_there\n"}, {}),
    ("another default rule", {"policy.yaml": "fallback: '@'\ndefault: '!'\n"}, {"policy_default_rule": "fallback"}),
    ("a default rule that refers to what is missing", {"policy.yaml": "default: rule:gone\n"}, {}),
    ("legacy lists", {"policy.yaml": 'identity:get_user: [["role:member", "user_id:%(user_id)s"], ["role:manager"]]\n'}, {}),
    ("blank and empty", {"policy.yaml": "identity:get_user:\nidentity:list_users: ''\nidentity:get_role: []\n"}, {}),
    ("malformed rules", {"policy.yaml": "identity:get_user: role:admin and\nidentity:list_users: admin\n"}, {}),
    ("twice", {"policy.yaml": "identity:get_user: '!'\nidentity:get_user: '@'\n"}, {}),
    ("anchors", {"policy.yaml": "x: &x role:member\nidentity:get_user: *x\n"}, {}),
    ("folded", {"policy.yaml": "identity:get_user: >\n  role:member\n  or role:manager\n"}, {}),
    ("comments only", {"policy.yaml": "# nothing\n\n#x: y\n"}, {}),
    ("a loop", {"policy.yaml": "identity:get_user: role:member or rule:a\na: rule:b\nb: rule:a\n"}, {}),
    (
        "directories",
        {
            "policy.yaml": "identity:get_user: '!'\nidentity:list_users: '@'\n",
            "policy.d/20.yaml": "identity:get_user: role:reader\n",
            "policy.d/10.yaml": "identity:get_user: role:member\nidentity:get_role: '@'\n",
            "policy.d/.hidden.yaml": "identity:list_users: '!'\n",
            "policy.d/sub/x.yaml": "identity:list_users: '!'\n",
            "policy.d/any.name": '{"identity:list_roles": "@"}',
        },
        {},
    ),
    (
        "directories only",
        {"a/x.yaml": "identity:get_user: role:reader\n", "b/x.yaml": "identity:get_user: role:member\n"},
        {"policy_dirs": ["b", "missing", "a"]},
    ),
    ("an override with the old defaults", {"policy.yaml": "identity:get_user: role:member\n"}, {"enforce_new_defaults": False}),
    ("not a map", {"policy.yaml": "- a\n"}, {}),
    ("broken yaml", {"policy.yaml": "a: 'x\n"}, {}),
    ("two documents", {"policy.yaml": "a: b\n---\nc: d\n"}, {}),
    ("a number as a rule", {"policy.yaml": "identity:get_user: 5\n"}, {}),
    ("a boolean as a rule", {"policy.yaml": "identity:get_user: true\n"}, {}),
    ("broken in a directory", {"policy.d/x.yaml": "a: 'x\n"}, {}),
    ("tag", {"policy.yaml": "identity:get_user: !foo bar\n"}, {}),
]

RENAMED_FILES = {
    "nothing": {},
    "the old name": {"policy.yaml": "old:get: role:mine\nold:same: role:mine\n"},
    "the old name with its old rule": {"policy.yaml": "old:get: role:old\n"},
    "the old name referring to the new": {"policy.yaml": "old:get: rule:new:get\n"},
    "both names": {"policy.yaml": "old:get: role:mine\nnew:get: role:his\n"},
    "the new name": {"policy.yaml": "new:get: role:his\nkept: role:his\n"},
}

ASKED = ["identity:get_user", "identity:list_users", "identity:validate_token", "identity:get_role", "identity:nonsense"]


def world(name, files, options, rules, asked, keystone):
    with tempfile.TemporaryDirectory() as directory:
        for path, text in files.items():
            path = pathlib.Path(directory, path)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        entry = {"name": name, "keystone": keystone, "files": files, "options": options}
        if not keystone:
            entry["rules"] = rules
        enforcer = policy.Enforcer(configuration(directory, **options))
        enforcer.register_defaults(registered(rules))
        try:
            enforcer.load_rules()
        except Exception as error:
            entry["error"] = type(error).__name__
            return entry
        plain = {rule["name"]: str(_parser.parse_rule(rule["check"])) for rule in rules}
        effective = {name: str(check) for name, check in enforcer.rules.items()}
        entry["different"] = {name: check for name, check in effective.items() if plain.get(name) != check}
        if len(entry["different"]) > 20:
            # The old defaults: every third will do.
            entry["different"] = dict(list(entry["different"].items())[::3])
            entry["sampled"] = True
        entry["answers"] = grid(enforcer, asked)
        return entry


def worlds():
    defaults = keystone_defaults()
    made = [world(name, files, options, defaults, ASKED, True) for name, files, options in WORLDS]
    asked = [rule["name"] for rule in RENAMED] + ["old:get"]
    for name, files in RENAMED_FILES.items():
        for new in (True, False):
            title = f"renamed, {name}, {'new' if new else 'old and new'} defaults"
            made.append(world(title, files, {"enforce_new_defaults": new}, RENAMED, asked, False))
    return made


def main():
    warnings.simplefilter("ignore")
    # Nothing of this machine's own may be found.
    with tempfile.TemporaryDirectory() as home:
        os.environ["HOME"] = home
        recording = {
            "oslo.policy": importlib.metadata.version("oslo.policy"),
            "keystone": importlib.metadata.version("keystone"),
            "language": language(),
            "defaults": default_answers(),
            "worlds": worlds(),
        }
    pathlib.Path(sys.argv[1]).write_text(laid_out(recording) + "\n")


def laid_out(value, depth=0):
    """JSON with a line for each member of the outer levels, so that two recordings can be compared."""
    if depth > 3 or not isinstance(value, (dict, list)) or not value:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, dict):
        members = [f"{json.dumps(name, ensure_ascii=False)}:{laid_out(member, depth + 1)}" for name, member in value.items()]
        return "{\n" + ",\n".join(members) + "\n}"
    return "[\n" + ",\n".join(laid_out(member, depth + 1) for member in value) + "\n]"


if __name__ == "__main__":
    main()
