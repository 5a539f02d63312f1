"""Records what Keystone's two schema validators say about many pairs of schema and instance.

Run it with a Python that has keystone==30.0.0 and jsonschema==4.26.0 installed; it prints the JSON that lies beside it:

    python record_keystone_validation.py > keystone-validation.json

`requests` are checked against Keystone's own schemas, named here only; `cases` bring their own schemas.
"""

import importlib.metadata
import json
import platform

import keystone.conf
from keystone import exception
from keystone.api.validation import validators as brief
from keystone.auth import schema as auth_schema
from keystone.catalog import schema as catalog_schema
from keystone.common.validation import validators as full
from keystone.resource import schema as resource_schema
from werkzeug.datastructures import ImmutableMultiDict


def outcome(call):
    try:
        call()
    except exception.SchemaValidationError as error:
        return str(error)
    return None


def case(schema, instance):
    return {
        "schema": schema,
        "instance": instance,
        "full": outcome(lambda: full.SchemaValidator(schema).validate(instance)),
        "brief": outcome(lambda: brief._SchemaValidator(schema).validate(instance)),
    }


# Every shape of value, for type checks and for how values are written.
VALUES = [
    None, True, False, 0, 1, -1, 2**63 - 1, -(2**63), 2**64 - 1, 1.0, -0.0, 0.1, 1.5e300, 1e16, 123456789012345680.0, 1e15, 1e-4, 1e-5,
    1.25e-7, 5e-324, 1e22, 3.0, 0.5 + 2.0**-40, "", "a", "it's", 'say "hi"', "it's \"both\"", "back\\slash", "line\nend\ttab\rcr", "\x00\x1f\x7f\x80\xa0\xad\xff",
    "\u00fcn\u00ef \u5bc6\u7801 \U0001f511", "\u200b\u2028\u2029\ufeff\ue000\U000e0001\u0378\U0010ffff", "\u0301combining", "\u3000wide", [], {}, [None], [1, "a", [True]],
    {"a": 1}, {"a": {"b": [1.0, None, False]}, "c'd": "e"}, {"": ""},
]
TYPES = ["array", "boolean", "integer", "null", "number", "object", "string"]


def cases():
    for value in VALUES:
        for name in TYPES:
            yield {"type": name}, value
        yield {"type": ["array", "string", "null"]}, value
        yield {"not": {}}, value
        yield {"enum": [1, "a", None, [1], {"a": 1}, 3]}, value
        yield {"enum": [True, 0.0, {"a": True}, [1.0, "a", [True]]]}, value
        yield {"const": 1}, value
        yield {"const": {"a": 1.0}}, value
        for bound in (0, 1, 1.5, -5):
            yield {"minimum": bound}, value
            yield {"maximum": bound}, value
        for bound in (0, 1, 2, 3):
            for keyword in ("Length", "Items", "Properties"):
                yield {f"min{keyword}": bound}, value
                yield {f"max{keyword}": bound}, value
        yield False, value
        yield True, value
        yield {"properties": {"a": False}}, value
        yield {"additionalProperties": False}, value
        yield {"required": ["a", "b"]}, value

    for text in ("5", " 5 ", "+5", "-5", "5.5", "1_0", "_1", "1__0", "1e3", "inf", "nan", "-inf", "0x10", "", " ", "five", "99999999999999999999"):
        yield {"minimum": 6}, text
        yield {"maximum": 4}, text
        yield {"properties": {"n": {"minimum": 6, "maximum": 4}}}, {"n": text}
    for number in (2.7, -2.7, 3, True, False, [3], {"n": 3}):
        yield {"minimum": 3, "maximum": 1}, number
        yield {"maximum": 2}, number

    for left in ([1, 1], [1, 1.0], [1, True], [0, False], ["a", "a"], ["a", "b"], [[1], [1.0]], [[1], [True]], [{"a": 1}, {"a": 1.0}],
                 [{"a": 1, "b": 2}, {"b": 2, "a": 1}], [{"a": 1}, {"a": True}], [None, None], [None, False], [], [1], [1, "1"], [-0.0, 0], [{}, []], [[], []]):
        yield {"uniqueItems": True}, left
        yield {"uniqueItems": False}, left

    patterns = ["^[a-zA-Z0-9-]+$", "[\\S]+", "^[a-zA-Z0-9+.-]+:.+", "^[^,/]*$", "^/\\.*", "^[a-zA-Z0-9-_]+$"]
    texts = ["", "a", "a-b", "a_b", "a\n", "a\n\n", "\na", " ", "\t", "\x1c", "\x1c\x1d\x1e\x1f", "\u3000", "\u00e9", "http://x", "a:", "a:\n", "a:b\n", "+.-:x", "/", "/x", "//", "a,b", "a/b", ",", "x" * 100, "\u0661", "\x85", "a b"]
    for pattern in patterns:
        for text in texts + [5, None]:
            yield {"pattern": pattern}, text
            yield {"patternProperties": {pattern: {"type": "integer"}}}, {str(text): "x"}
            yield {"patternProperties": {pattern: {}}, "additionalProperties": False}, {str(text): "x", "?,": 1}

    uuid = "d1b0bb8a-6c2e-4d0c-9f3c-1a2b3c4d5e6f"
    uuids = [uuid, uuid.replace("-", ""), uuid.upper(), "{" + uuid + "}", "urn:uuid:" + uuid, "{{" + uuid + "}}", uuid[:-1], uuid + "0", "", "x", uuid.replace("-", "_"),
             "-" * 5 + uuid, uuid.replace("d", "g"), " " + uuid, uuid + "\n", "urn:" + uuid, "uurn:rn:" + uuid, "0x" + uuid.replace("-", "")[2:], "\u0661" * 32, "default", 5, None]
    for value in uuids:
        yield {"format": "uuid"}, value
    times = ["2020", "2020-01", "2020-1", "202001", "20200101", "2020-01-01", "2020-1-1", "2020-0101", "20200101T00", "2020-01-01T00", "2020-01-01T00:00", "2020-01-01T0000", "2020-01-01T000000",
             "2020-01-01T00:00:00", "2020-01-01T00:00:00Z", "2020-01-01 00:00:00.5", "2020-01-01T00:00:00,123456789Z", "2020-01-01T00:00:00+01:00", "2020-01-01T00:00:00+0100", "2020-01-01T00:00:00+01",
             "2020-01-01T00:00:00-23:59", "2020-01-01T00:00:00-24:00", "2020-01-01T00:00:00+99:99", "2020-01-01T24:00:00Z", "2020-01-01T23:60:00Z", "2020-01-01T23:59:60Z", "2020-02-30", "2020-02-29", "2021-02-29",
             "2020-13-01", "2020-00-01", "0000-01-01", "0001-01-01", "9999-12-31T23:59:59Z", "2020-01-01T00:00:00z", "2020-01-01t00:00:00Z", "2020-01-01T", "2020-01-01Z", "2020-01-01T00Z", "2020-01-01T00:00:0Z",
             "2020-112", "2020-01-01\n", "2020\n", " 2020-01-01", "2020-01-01 ", "", "x", "20-01-01", "2020-01-01T00:00:00 Z", "2020-01-01T0:00:00", "2020-01-01T00:00:00.Z", "\u0662\u0660\u0662\u0660", 5, None]
    for value in times:
        yield {"format": "date-time"}, value
    for value in ("a@b", "@", "a", "", 5, None):
        yield {"format": "email"}, value
        yield {"type": ["string", "null"], "format": "uri"}, value

    # Which of several faults is named: the first in the order of the schema, depth first.
    order = {
        "type": "object",
        "properties": {"a": {"type": "string", "minLength": 2, "pattern": "^x"}, "b": {"type": "integer"}},
        "required": ["a", "c"],
        "additionalProperties": False,
        "minProperties": 3,
    }
    for instance in ({}, {"a": 1}, {"a": "y", "b": "z"}, {"b": "z", "a": "y"}, {"a": "yy"}, {"a": "xx"}, {"a": "xx", "c": 1}, {"a": "xx", "b": 1, "c": 1}, {"z": 1, "y": 2, "a": "xx"}, {"a": "xx", "b": 1}, [], None, "x"):
        yield order, instance
        yield dict(reversed(order.items())), instance
        yield {"properties": {"in": order}}, {"in": instance}
        yield {"items": order}, [{"a": "xx", "b": 1, "c": 1}, instance]

    for instance in ({"a": 1}, {"b": 1}, {"a": "x"}, {"a": 1, "b": "x"}, {}, 5, "s", [1, "a"]):
        one = {"type": "object", "required": ["a"]}
        two = {"type": "object", "required": ["b"]}
        text = {"type": "string"}
        for keyword in ("anyOf", "oneOf", "allOf"):
            yield {keyword: [one, two]}, instance
            yield {keyword: [{"properties": {"a": {"type": "integer"}}}, text, two]}, instance
            yield {keyword: [{}, True, one]}, instance
            yield {keyword: [False, one]}, instance
            yield {"properties": {"in": {keyword: [text, one]}}}, {"in": instance}
        yield {"not": one}, instance
        yield {"not": {"anyOf": [one, text]}}, instance
        yield {"if": one, "then": two, "else": text}, instance
        yield {"if": one, "then": False}, instance
        yield {"if": one, "else": {"required": ["z"]}}, instance
        yield {"dependentRequired": {"a": ["b", "c"], "b": ["a"]}}, instance
        yield {"additionalProperties": {"type": "string"}}, instance
        yield {"properties": {"a": {}}, "additionalProperties": {"type": "null"}}, instance
        yield {"items": {"type": "integer"}}, instance
        yield {"properties": {"a": True, "b": False}}, instance
        yield {"patternProperties": {"^a": {"type": "integer"}, "b": False}}, instance
    yield {"additionalProperties": False}, {"b": 1, "a": 2, "\u00e9": 3, "B": 4, "'": 5}
    yield {"patternProperties": {"^z": {}, "^y": {}}, "additionalProperties": False}, {"b": 1, "a": 2, "z": 1}
    yield {"patternProperties": {"^z": {}}, "additionalProperties": False}, {"b": 1, "z": 1}
    yield {"properties": {"a/b": {"items": {"properties": {"it's": {"type": "null"}}}}}}, {"a/b": [{}, {"it's": 1}]}
    yield {"properties": {"a%s": {"type": "null"}}}, {"a%s": "100%s"}

    # How schemas and instances are spread over lines.
    long = "The quick brown fox jumps over the lazy dog, and then it does so again and again."
    spread = [
        long, long * 3, "x" * 200, " " + "x" * 80, "x" * 71, "x" * 70, "x" * 69, "x" * 72, "a " * 60, " " * 90, "a\nb\n" * 30, "line one is here\nline two is there\r\nline three " + "y" * 70, "\u2028" * 20, "tab\t" * 30,
        "\x1c x" * 30, "it's " * 20, 'say "hi" it\'s ' * 10, "\u5bc6\u7801 " * 30, "nbsp\u00a0" * 20,
        [long], [long, long], {"k": long}, {"k" * 80: "v"}, {"k" * 80: long}, {"a": {"b": {"c": [long, {"d": long}]}}}, [[[["x" * 30] * 3] * 2]], ["x" * 10] * 10, list(range(40)),
        {str(n): n for n in range(20)}, {str(n): [n] * 10 for n in range(20)}, {"z": 1, "a": 2, "m": {"z": long, "a": {}}}, [{}, [], None, True, 1.5] * 8, {"k": {}}, {"kk" * 30: {}, "ll" * 30: []},
        {"key": 12345678901234567890, "other": 1.0e100, "third": "x" * 40}, [12345678901234567] * 5, {"deep": [[[[[[[[[["x" * 60]]]]]]]]]]}, {"k": "x" * 63}, {"k": "x" * 64}, {"k": "x" * 65}, ["x" * 68], ["x" * 69],
        [["x" * 66]], [["x" * 67]], [["x" * 68]], {"a": ["x" * 62]}, {"a": ["x" * 61]}, {"a": ["x" * 60, 1]}, {"a": "word " * 13}, {"a": "word " * 14}, {"a": [("word " * 12) + "w"]}, "w" * 60 + " " + "v" * 9, "w" * 60 + " " + "v" * 10,
    ]
    for instance in spread:
        yield {"type": "boolean"}, instance
        yield {"properties": {"in": {"type": "boolean"}}}, {"in": instance}
        yield {"const": instance, "description": long}, None
        yield {"description": instance, "type": "boolean"}, 5
        yield {"type": "boolean", "enum": [instance, True]}, instance


USER = {"id": "u", "password": "p"}
PASSWORD = {"methods": ["password"], "password": {"user": USER}}


def with_user(**changes):
    user = {**USER, **changes}
    return {"identity": {"methods": ["password"], "password": {"user": {k: v for k, v in user.items() if v != "absent"}}}}


AUTH = [
    None, "x", [], {}, 5, {"identity": None}, {"identity": "x"}, {"identity": {}}, {"identity": []}, {"identity": {"methods": "password"}}, {"identity": {"methods": []}}, {"identity": {"methods": [1]}},
    {"identity": {"methods": ["password", None, "token"]}}, {"identity": {"methods": ["password"]}}, {"identity": {"methods": None}}, {"scope": {}}, {"scope": "unscoped"},
    {"identity": {"methods": ["password"], "password": None}}, {"identity": {"methods": ["password"], "password": {}}}, {"identity": {"methods": ["password"], "password": {"user": None}}},
    {"identity": {"methods": ["password"], "password": {"user": {}}}}, {"identity": {"methods": ["password"], "password": {"user": {"password": "p"}}}}, {"identity": {"methods": ["password"], "password": {"user": "x"}}},
    {"identity": {"methods": ["password"], "password": []}}, {"identity": {"methods": ["token"], "password": {"user": {}}}},
    with_user(), with_user(id=None), with_user(id=5), with_user(name=5), with_user(name=None), with_user(password=None), with_user(password=5), with_user(password=["p"]), with_user(password="absent"),
    with_user(domain={}), with_user(domain=None), with_user(domain="default"), with_user(domain={"id": 5}), with_user(domain={"name": None}), with_user(domain={"id": "default"}), with_user(domain={"other": 1}),
    with_user(id="absent", name="n", domain={"x": 1}), with_user(id="absent", domain={}), with_user(extra={"anything": [1]}),
    {"identity": {"methods": ["token"], "token": {}}}, {"identity": {"methods": ["token"], "token": {"id": 5}}}, {"identity": {"methods": ["token"], "token": {"id": ""}}}, {"identity": {"methods": ["token"], "token": None}},
    {"identity": {"methods": ["token"], "token": "x"}}, {"identity": {"methods": ["x"], "x": 5, "y": None}}, {"identity": PASSWORD, "extra": 1},
    {"scope": 5, "identity": PASSWORD}, {"identity": {"methods": "x", "password": 5}, "scope": 5}, {"scope": 5, "identity": 5}, {"scope": 5},
]
SCOPES = [
    None, "", "x", "unscoped", {}, 5, [], True, {"unscoped": {}}, {"unscoped": None}, {"project": {}}, {"project": None}, {"project": "x"}, {"project": {"id": 5}}, {"project": {"name": 5}}, {"project": {"name": "p"}},
    {"project": {"name": "p", "domain": {}}}, {"project": {"name": "p", "domain": "x"}}, {"project": {"name": "p", "domain": {"id": 5}}}, {"project": {"name": "p", "domain": {"name": "d"}}}, {"project": {"id": "p", "domain": {}}},
    {"project": {"domain": {}}}, {"project": {"name": "p", "domain": None}}, {"domain": {}}, {"domain": None}, {"domain": "x"}, {"domain": {"id": 5}}, {"domain": {"id": "d"}}, {"domain": {"name": None}}, {"domain": {"x": 1}},
    {"OS-TRUST:trust": {}}, {"OS-TRUST:trust": None}, {"OS-TRUST:trust": {"id": 5}}, {"OS-TRUST:trust": {"id": "t"}}, {"system": {}}, {"system": None}, {"system": "all"}, {"system": {"all": True}}, {"system": {"all": False}},
    {"system": {"all": None}}, {"system": {"all": 1}}, {"system": {"all": "true"}}, {"project": {}, "domain": {}}, {"domain": {}, "project": {}}, {"domain": 5, "project": 5}, {"unknown": {}}, {"system": {"all": True}, "project": {"id": "p"}},
]
AUTH += [{"identity": PASSWORD, "scope": scope} for scope in SCOPES]

LISTS = {
    "projects": resource_schema.project_index_request_query,
    "regions": catalog_schema.regions_index_request_query,
    "endpoints": catalog_schema.endpoint_index_request_query,
    "services": catalog_schema.service_index_request_query,
    "endpoint": catalog_schema.endpoint_request_query,
}
TRUTHS = ["", "0", "1", "2", "true", "True", "TRUE", "tRUE", "false", "False", "FALSE", "yes", "no", "YES", "NO", "y", "n", "Y", "N", "on", "off", "ON", "OFF", "On", "t", "f", "None", "null", "maybe", "\u0000", " true"]
QUERIES = {
    "projects": [[[name, text]] for name in ("enabled", "is_domain") for text in TRUTHS]
    + [[["name", text]] for text in ("", " ", "x", "x" * 64, "x" * 65, "\u00e9" * 64, "\t", "a b", "\x1c")]
    + [[["parent_id", text]] for text in ("", "x", "default", "f" * 32, "F" * 32, "f" * 31, "g" * 32, "d1b0bb8a-6c2e-4d0c-9f3c-1a2b3c4d5e6f", "{" + "f" * 32 + "}")]
    + [[["domain_id", text]] for text in ("", "default", "a_b", "a b", "x" * 64, "x" * 65, "\u00e9", "default\n")]
    + [[[name, text]] for name in ("tags", "tags-any", "not-tags", "not-tags-any", "marker", "limit", "unknown", "name__contains", "sort_key") for text in ("", "x", "1", "a,b")]
    + [[["enabled", "x"], ["name", ""]], [["name", ""], ["enabled", "x"]], [["enabled", "1"], ["enabled", "x"]], [["enabled", "x"], ["enabled", "1"]], []],
    "regions": [[["parent_region_id", text]] for text in ("", "x", "x" * 255, "x" * 256, " ")]
    + [[["limit", "1"]], [["x", "1"]], [["y", "1"], ["x", "1"]], [["x", "1"], ["parent_region_id", ""]], [["x", ""], ["x", ""]], [["it's", ""]], [["marker", "a"], ["limit", "1"], ["sort_key", "x"]], []],
    "endpoints": [[["interface", text]] for text in ("", "admin", "internal", "public", "Public", "adminURL", "it's")]
    + [[[name, text]] for name in ("region_id", "service_id", "enabled", "name", "limit", "x") for text in ("", "x", "1")]
    + [[["interface", "x"], ["interface", "public"]], [["interface", "public"], ["interface", "x"]], []],
    "services": [[[name, text]] for name in ("type", "name", "enabled", "limit", "x") for text in ("", "x", "1")],
    "endpoint": [[[name, text]] for name in ("interface", "x") for text in ("", "x")],
}


def main():
    keystone.conf.configure()
    record = {
        "generated_with": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in ("keystone", "jsonschema", "iso8601", "oslo.utils")},
        },
        "token_requests": [
            {"auth": auth, "refusal": outcome(lambda: auth_schema.validate_issue_token_auth(auth))} for auth in AUTH if auth is not None
        ],
        "list_queries": [
            {
                "list": name,
                "query": query,
                "refusal": outcome(lambda: brief._SchemaValidator(LISTS[name]).validate(ImmutableMultiDict(query))),
            }
            for name, queries in QUERIES.items()
            for query in queries
        ],
        "cases": [case(schema, instance) for schema, instance in cases()],
    }
    # A line for each recorded thing.
    print("{" + f'"generated_with": {json.dumps(record.pop("generated_with"))}')
    for name, entries in record.items():
        lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in entries)
        print(f',"{name}": [\n{lines}\n]')
    print("}")


main()
