"""Records what Keystone's own password code writes and how it judges stored hashes.

Run it with a Python that has keystone==30.0.0 and bcrypt==5.0.0 installed; it prints the JSON that lies beside it:

    python record_keystone_hashes.py > keystone-hashes.json

Salts are pinned, so that what Keystone writes can be compared byte for byte with what we write for the same salt.
"""

import importlib.metadata
import itertools
import json
import platform
import sys

import bcrypt
import keystone.conf
from keystone import exception
from keystone.common import password_hashing
from keystone.common.password_hashers import bcrypt as ks_bcrypt
from keystone.common.password_hashers import pbkdf2 as ks_pbkdf2
from keystone.common.password_hashers import scrypt as ks_scrypt

CONF = keystone.conf.CONF
OPTIONS = {
    "password_hash_algorithm": "bcrypt",
    "password_hash_rounds": None,
    "scrypt_block_size": None,
    "scrypt_parallelism": None,
    "salt_bytesize": None,
    "max_password_length": 4096,
}
BCRYPT_ALPHABET = "./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def configure(options):
    for name, default in OPTIONS.items():
        CONF.set_override(name, options.get(name, default), group="identity")
    CONF.set_override("strict_password_check", options.get("strict_password_check", False))


class PinnedSalt:
    """Stands in for the sources of salt of all of Keystone's hashers, and keeps what it gave out."""

    def __init__(self):
        self.counter = itertools.count(1)
        self.given = b""

    def urandom(self, size):
        seed = next(self.counter)
        self.given = bytes((seed * 151 + place * 37 + 5) % 256 for place in range(size))
        return self.given

    def gensalt(self, rounds):
        if not 4 <= rounds <= 31:
            raise ValueError("Invalid rounds")
        bits = "".join(f"{byte:08b}" for byte in self.urandom(16)) + "0000"
        text = "".join(BCRYPT_ALPHABET[int(bits[at : at + 6], 2)] for at in range(0, len(bits), 6))
        return f"$2b${rounds:02}${text}".encode("ascii")


SALT = PinnedSalt()
ks_scrypt.os = ks_pbkdf2.os = SALT
REAL_BCRYPT = bcrypt


class BcryptWithPinnedSalt:
    gensalt = staticmethod(SALT.gensalt)
    hashpw = staticmethod(REAL_BCRYPT.hashpw)
    checkpw = staticmethod(REAL_BCRYPT.checkpw)


ks_bcrypt.bcrypt = BcryptWithPinnedSalt


def outcome(call):
    try:
        return call()
    except exception.PasswordVerificationError as error:
        return {"too_long": str(error)}
    except exception.Error as error:
        return {"error": type(error).__name__, "code": error.code, "message": str(error)}
    except BaseException as error:
        # A panic in cryptography's Rust is no Exception.
        if isinstance(error, KeyboardInterrupt):
            raise
        return {"error": type(error).__name__, "message": str(error)}


def check(options, password, stored):
    configure(options)
    return {
        "options": options,
        "password": password,
        "stored": stored,
        "outcome": outcome(lambda: password_hashing.check_password(password, stored)),
    }


def write(options, password):
    configure(options)
    SALT.given = b""
    stored = outcome(lambda: password_hashing.hash_password(password))
    return {
        "options": options,
        "password": password,
        "salt_hex": SALT.given.hex(),
        "stored": stored,
        "verifies": outcome(lambda: password_hashing.check_password(password, stored))
        if isinstance(stored, str)
        else None,
    }


PASSWORDS = [
    "secret",
    "",
    " ",
    "\u00fcn\u00efc\u00f6d\u00e9 \u5bc6\u7801 \U0001f511",
    "nul\u0000inside",
    "\u0000",
    "e\u0301 is not \u00e9",
    "x" * 71,
    "x" * 72,
    "x" * 73,
    "x" * 200,
    "\u00e9" * 36,
    "\u00e9" * 37,
    "x" + "\u00e9" * 36,
    "y" * 4096,
    "y" * 4097,
]
CHEAP = [
    {"password_hash_algorithm": "bcrypt", "password_hash_rounds": 4},
    {"password_hash_algorithm": "bcrypt_sha256", "password_hash_rounds": 4},
    {"password_hash_algorithm": "pbkdf2_sha512", "password_hash_rounds": 3},
]
WRITTEN = [(options, password) for options in CHEAP for password in PASSWORDS]
WRITTEN += [
    ({"password_hash_algorithm": algorithm}, "secret")
    for algorithm in ("bcrypt", "bcrypt_sha256", "scrypt", "pbkdf2_sha512")
]
WRITTEN += [
    ({"password_hash_algorithm": "bcrypt_sha256", "password_hash_rounds": 9}, "secret"),
    ({"password_hash_algorithm": "bcrypt_sha256", "password_hash_rounds": 10}, "secret"),
    ({"password_hash_algorithm": "bcrypt", "password_hash_rounds": 0}, "secret"),
    # Not used by scrypt.
    ({"password_hash_algorithm": "scrypt", "password_hash_rounds": 3, "scrypt_block_size": 2}, "x" * 73),
    ({"password_hash_algorithm": "scrypt", "scrypt_block_size": 3, "scrypt_parallelism": 2, "salt_bytesize": 7}, ""),
    ({"password_hash_algorithm": "scrypt", "scrypt_block_size": 2, "salt_bytesize": 96}, "nul\u0000inside"),
    ({"password_hash_algorithm": "scrypt", "scrypt_block_size": 1}, "secret"),
    ({"password_hash_algorithm": "scrypt", "scrypt_block_size": -1}, "secret"),
    ({"password_hash_algorithm": "scrypt", "scrypt_parallelism": -1}, "secret"),
    ({"password_hash_algorithm": "scrypt", "scrypt_block_size": 0, "scrypt_parallelism": 0, "salt_bytesize": 0}, "secret"),
    ({"password_hash_algorithm": "pbkdf2_sha512", "password_hash_rounds": 1, "salt_bytesize": 1}, "secret"),
    ({"password_hash_algorithm": "pbkdf2_sha512", "password_hash_rounds": 2, "salt_bytesize": 96}, "secret"),
    ({"password_hash_algorithm": "pbkdf2_sha512", "password_hash_rounds": -1}, "secret"),
    ({"password_hash_algorithm": "bcrypt", "password_hash_rounds": 3}, "secret"),
    ({"password_hash_algorithm": "bcrypt", "password_hash_rounds": 32}, "secret"),
    ({"password_hash_algorithm": "bcrypt_sha256", "password_hash_rounds": -1}, "secret"),
    # bcrypt also takes `rounds` for what the others call salt size: nothing changes.
    ({"password_hash_algorithm": "bcrypt", "password_hash_rounds": 4, "salt_bytesize": 3}, "secret"),
    ({"password_hash_algorithm": "bcrypt", "password_hash_rounds": 4, "max_password_length": 5}, "secret"),
    ({"password_hash_algorithm": "bcrypt", "password_hash_rounds": 4, "max_password_length": 0}, "secret"),
    ({"password_hash_algorithm": "pbkdf2_sha512", "password_hash_rounds": 3, "max_password_length": 5}, "secret"),
]
STRICT = [
    ({"password_hash_algorithm": "bcrypt", "password_hash_rounds": 4}, "x" * 72),
    ({"password_hash_algorithm": "bcrypt", "password_hash_rounds": 4}, "x" * 73),
    ({"password_hash_algorithm": "bcrypt", "password_hash_rounds": 4}, "\u00e9" * 37),
    ({"password_hash_algorithm": "bcrypt", "password_hash_rounds": 4, "max_password_length": 10}, "x" * 10),
    ({"password_hash_algorithm": "bcrypt", "password_hash_rounds": 4, "max_password_length": 10}, "x" * 11),
    ({"password_hash_algorithm": "pbkdf2_sha512", "password_hash_rounds": 3}, "y" * 4096),
    ({"password_hash_algorithm": "pbkdf2_sha512", "password_hash_rounds": 3}, "y" * 4097),
]
WRITTEN += [({**options, "strict_password_check": True}, password) for options, password in STRICT]


def checked(written):
    """Right and wrong passwords, then stored texts that are damaged, old or odd."""
    for case in written:
        if isinstance(case["stored"], str) and case["options"].get("password_hash_rounds"):
            options, password, stored = case["options"], case["password"], case["stored"]
            for other in sorted({password + "x", "x" + password, password[:-1], password.upper()} - {password}):
                yield check(options, other, stored)

    def made(options, password):
        return write(options, password)["stored"]

    bcrypt_4 = {"password_hash_algorithm": "bcrypt", "password_hash_rounds": 4}
    sha256 = {"password_hash_algorithm": "bcrypt_sha256", "password_hash_rounds": 10}
    small_scrypt = {"password_hash_algorithm": "scrypt", "scrypt_block_size": 2}
    pbkdf2_3 = {"password_hash_algorithm": "pbkdf2_sha512", "password_hash_rounds": 3}

    b = made(bcrypt_4, "secret")
    for mark in ("2", "2a", "2b", "2x", "2y", "2z", "", "2B"):
        yield check(bcrypt_4, "secret", b.replace("$2b$", f"${mark}$"))
    for cost in ("4", "004", "+4", " 4", "-4", "3", "32", "99999999999", "", "x"):
        yield check(bcrypt_4, "secret", b.replace("$04$", f"${cost}$"))
    for odd in (b + "x", b + "$", b + "$x", b[:-1], b[:29], b[:28], b[:7], "$2b$", "$2b", " " + b, b + " ", b[1:]):
        yield check(bcrypt_4, "secret", odd)
    yield check(bcrypt_4, "secret", b[:-1] + "\u00e9")
    yield check(bcrypt_4, "secret", b[:10] + "!" + b[11:])
    for last in ".AOZaeu09":
        yield check(bcrypt_4, "secret", b[:28] + last + b[29:])
    long = made(bcrypt_4, "x" * 100)
    for options in (bcrypt_4, pbkdf2_3, {**bcrypt_4, "strict_password_check": True}, {**pbkdf2_3, "max_password_length": 72}):
        for length in (71, 72, 73, 100):
            yield check(options, "x" * length, long)

    s = made(sha256, "secret")
    yield check(bcrypt_4, "secret", s)
    yield check(sha256, "x" * 5000, made(sha256, "x" * 4096))
    _, _, parameters, salt, digest = s.split("$")
    for odd in (
        "v=2,t=2a,r=10", "v=2,t=2y,r=10", "v=2,t=2x,r=10", "v=2,t=2,r=10", "v=1,t=2b,r=10", "r=10,t=2b", "t=2b,r=10,v=2,x=1",
        "v=2,t=2b", "v=2,r=10", "", "2b,10", "2b,12", "v=2,t=2b,r=", "v=2,t=2b,r=x", "v=2,t=2b,r=3", "v=2,t=2b,r=32",
        "v=2,t=2b,r=010", "v=2,t=,r=10", "v=2, t=2b, r=10",
    ):
        yield check(sha256, "secret", f"$bcrypt-sha256${odd}${salt}${digest}")
    for odd in (
        f"$bcrypt-sha256${parameters}${salt}", f"$bcrypt-sha256${parameters}${salt}${digest}$", f"$bcrypt-sha256${parameters}${salt}$",
        f"$bcrypt-sha256${parameters}$${digest}", f"$bcrypt-sha256${parameters}${salt[:-1]}${digest}",
        f"$bcrypt-sha256${parameters}${salt[:-1]}A${digest}", f"$bcrypt-sha256${parameters}${salt}${digest[:-1]}",
        f"$bcrypt-sha256${parameters}${salt[:-1]}\u00e9${digest}",
        # The first form, from passlib's documentation; the password is "password".
        "$bcrypt-sha256$2b,12$LrmaIX5x4TRtAwEfwJZa1.$2ehnw6LvuIUTM0iz4iz9hTxv21B6KFO",
    ):
        yield check(sha256, "password" if "2b,12" in odd else "secret", odd)

    k = made(small_scrypt, "secret")
    for options in (small_scrypt, bcrypt_4):
        yield check(options, "secret", k)
    yield check(small_scrypt, "Secret", k)
    # Cheap parameters from here on.
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
    import base64

    def scrypt_text(ln, r, p, salt=b"pinned salt 1234", password=b"secret", length=32):
        key = Scrypt(salt=salt, length=length, n=2**ln, r=r, p=p).derive(password)
        strip = lambda data: base64.b64encode(data).rstrip(b"=").decode()
        return f"$scrypt$ln={ln},r={r},p={p}${strip(salt)}${strip(key)}"

    for ln, r, p in ((4, 8, 1), (4, 1, 1), (1, 1, 1), (10, 8, 3), (3, 7, 5), (15, 1, 1)):
        text = scrypt_text(ln, r, p)
        yield check(bcrypt_4, "secret", text)
        yield check(bcrypt_4, "secreT", text)
    yield check(bcrypt_4, "", scrypt_text(4, 8, 1, password=b""))
    yield check(bcrypt_4, "secret", scrypt_text(4, 8, 1, salt=b""))
    yield check(bcrypt_4, "secret", scrypt_text(4, 8, 1, length=31))
    yield check(bcrypt_4, "secret", scrypt_text(4, 8, 1, length=33))
    t = scrypt_text(4, 8, 1, salt=b"\xfb\xef\xbe\xff\xfe")
    _, _, parameters, salt, digest = t.split("$")
    yield check(bcrypt_4, "secret", t)
    yield check(bcrypt_4, "secret", t.replace("+", "."))
    yield check(bcrypt_4, "secret", t.replace("$scrypt$", "$7$"))
    for odd in (
        "ln=4,r=8,p=1,x=2", "p=1,r=8,ln=4", "ln=4,r=8", "ln=4,p=1", "r=8,p=1", "", "ln=0,r=8,p=1", "ln=-1,r=8,p=1",
        "ln=4,r=0,p=1", "ln=4,r=8,p=0", "ln=x,r=8,p=1", "ln=04,r=08,p=01", "n=4,r=8,p=1", "ln=16,r=1,p=1", "ln=4,r=1073741824,p=1",
        "ln=4,r=8,p=-1", "ln=4,ln=5,ln=4,r=8,p=1",
    ):
        yield check(bcrypt_4, "secret", f"$scrypt${odd}${salt}${digest}")
    for odd in (
        f"$scrypt${parameters}${salt}", f"$scrypt${parameters}${salt}${digest}$", f"$scrypt${parameters}${salt}$",
        f"$scrypt${parameters}$${digest}", f"$scrypt${parameters}$A${digest}", f"$scrypt${parameters}${salt}${digest[:-2]}",
        f"$scrypt${parameters}${salt}${digest}=", f"$scrypt${parameters}${salt}\u00e9${digest}", f"$scrypt${parameters}${salt}${digest[:-1]}",
        "$7$C6..../....SodiumChloride$kBGj9fHznVYFQMEn/qDCfrDevf9YDtcDdKvEqHJLV8D",
    ):
        yield check(bcrypt_4, "secret", odd)

    p = made({**pbkdf2_3, "salt_bytesize": 33}, "secret")
    yield check(bcrypt_4, "secret", p)
    # passlib's alphabet; the two passwords were chosen for a plus sign in salt and digest.
    assert "+" in p
    yield check(pbkdf2_3, "secret", p.replace("+", "."))
    _, _, rounds, salt, digest = p.split("$")
    for odd in ("", "0", "-1", "x", "03", "4", " 3", "99999999999999"):
        yield check(pbkdf2_3, "secret", f"$pbkdf2-sha512${odd}${salt}${digest}")
    for odd in (
        f"$pbkdf2-sha512${rounds}${salt}", f"$pbkdf2-sha512${rounds}${salt}${digest}$", f"$pbkdf2-sha512${rounds}${salt}$",
        f"$pbkdf2-sha512${rounds}$${digest}", f"$pbkdf2-sha512${rounds}$A${digest}", f"$pbkdf2-sha512${rounds}${salt}${digest}==",
        f"$pbkdf2-sha512${rounds}${salt}${digest[:-2]}", f"$pbkdf2-sha512${rounds}${salt}${digest}AAAA",
        f"$pbkdf2-sha512${rounds}${salt[:-1]}\u00e9${digest}",
    ):
        yield check(pbkdf2_3, "secret", odd)

    for unknown in (
        "", "$", "$$", "$$$", "secret", "secret$", "$6$rounds=656000$abcdefgh$xxxx", "$6$abcdefgh$xxxx", "$1$a$b", "$pbkdf2-sha256$3$a$b",
        "$pbkdf2$3$a$b", "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA", "$bcrypt_sha256$x$y$z", "$SCRYPT$ln=4,r=8,p=1$a$b", "{SSHA}x",
    ):
        yield check(bcrypt_4, "secret", unknown)
        yield check(bcrypt_4, "", unknown)


def main():
    keystone.conf.configure()
    CONF(args=[], project="keystone", default_config_files=[])
    written = [write(options, password) for options, password in WRITTEN]
    record = {
        "generated_with": {
            "python": platform.python_version(),
            **{name: importlib.metadata.version(name) for name in ("keystone", "bcrypt", "cryptography")},
        },
        "written": written,
        "checked": list(checked(written)),
    }
    json.dump(record, sys.stdout, indent=1, sort_keys=True)
    print()


main()
