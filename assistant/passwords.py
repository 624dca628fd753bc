"""Passwords and tokens as they are kept: never themselves, only what they can be checked against.

A password is kept as scrypt (RFC 7914) in the PHC string format, parameters and salt in the value:
`$scrypt$ln=15,r=8,p=3$SALT$HASH`. A token is 256 random bits, so one round of SHA-256 is enough for it.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import secrets
import threading
import unicodedata

LOG_N, BLOCK, PARALLEL = 15, 8, 3  # 32 MiB and about a quarter of a second: OWASP's advice for scrypt in 32 MiB
HIGHEST_LOG_N, HIGHEST_PARALLEL = 18, 8  # a file that asks for more would stop the server: 256 MiB at most
SALT_BYTES, HASH_BYTES = 16, 32
AT_ONCE = 2  # passwords checked at a time: each takes its memory
TOKEN_MARK = "xietong_"  # lets a token that leaked into a file be found and known for one
TOKEN_BYTES = 32
_PHC = re.compile(
    rf"\$scrypt\$ln=([0-9]{{1,2}}),r={BLOCK},p=([0-9])\$([A-Za-z0-9+/]{{11,86}})\$([A-Za-z0-9+/]{{{43}}})"
)
_turn = threading.BoundedSemaphore(AT_ONCE)


def hashed(password: str) -> str:
    """A password as it is kept, with a salt of its own."""
    salt = os.urandom(SALT_BYTES)
    return _phc(salt, _scrypt(password, salt, LOG_N, PARALLEL))


def well_formed(kept: str) -> bool:
    """Whether `kept` is a value that `matches` can read, within bounds that the machine can bear."""
    return _parts(kept) is not None


def matches(password: str, kept: str | None) -> bool:
    """Whether the password is the one kept; None, for a name that is not there, takes as long and never matches."""
    parts = _parts(kept or _NOBODY)
    if parts is None:
        return False
    log_n, parallel, salt, expected = parts
    same = hmac.compare_digest(_scrypt(password, salt, log_n, parallel), expected)
    return same and kept is not None


def new_token() -> str:
    """A token for programs, to be shown once."""
    return TOKEN_MARK + secrets.token_urlsafe(TOKEN_BYTES)


def token_digest(token: str) -> str:
    """What is kept of a token: its SHA-256 in hexadecimal."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def _scrypt(password: str, salt: bytes, log_n: int, parallel: int) -> bytes:
    """NFKC first: one person's keyboards write one password in several forms."""
    form = unicodedata.normalize("NFKC", password).encode("utf-8", "replace")
    room = 128 * BLOCK * (2**log_n + parallel + 2)
    with _turn:
        return hashlib.scrypt(form, salt=salt, n=2**log_n, r=BLOCK, p=parallel, maxmem=room, dklen=HASH_BYTES)


def _parts(kept: str) -> tuple[int, int, bytes, bytes] | None:
    found = _PHC.fullmatch(kept)
    if not found or not 1 <= int(found[1]) <= HIGHEST_LOG_N or not 1 <= int(found[2]) <= HIGHEST_PARALLEL:
        return None
    try:
        return int(found[1]), int(found[2]), _decoded(found[3]), _decoded(found[4])
    except binascii.Error:
        return None


def _phc(salt: bytes, digest: bytes) -> str:
    encoded = (base64.b64encode(part).decode().rstrip("=") for part in (salt, digest))
    return f"$scrypt$ln={LOG_N},r={BLOCK},p={PARALLEL}${'$'.join(encoded)}"


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)


_NOBODY = _phc(os.urandom(SALT_BYTES), os.urandom(HASH_BYTES))  # the password of a name that is not there
