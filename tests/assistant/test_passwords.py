import base64
import hashlib

import pytest

from assistant import passwords


def test_a_password_matches_what_is_kept_of_it_and_no_other_does() -> None:
    kept = passwords.hashed("报告-2021-secret")
    assert passwords.matches("报告-2021-secret", kept)
    assert not passwords.matches("报告-2021-Secret", kept)
    assert "secret" not in kept and passwords.well_formed(kept)


def test_what_is_kept_is_scrypt_with_a_salt_of_its_own() -> None:
    kept = passwords.hashed("password1")
    _, name, parameters, salt, digest = kept.split("$")
    assert (name, parameters) == ("scrypt", "ln=15,r=8,p=3")
    again = hashlib.scrypt(b"password1", salt=base64.b64decode(salt + "=="), n=2**15, r=8, p=3, maxmem=2**26, dklen=32)
    assert base64.b64decode(digest + "=") == again
    assert passwords.hashed("password1").split("$")[3] != salt


def test_full_width_letters_are_the_same_password() -> None:
    assert passwords.matches("ｐａｓｓｗｏｒｄ１", passwords.hashed("password1"))


def test_a_name_that_is_not_there_takes_the_work_of_one_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    work: list[tuple[int, int]] = []
    real = passwords._scrypt

    def counted(password: str, salt: bytes, log_n: int, parallel: int) -> bytes:
        work.append((log_n, parallel))
        return real(password, salt, log_n, parallel)

    kept = passwords.hashed("password1")
    monkeypatch.setattr(passwords, "_scrypt", counted)
    assert not passwords.matches("password1", None)
    assert not passwords.matches("wrong-one", kept)
    assert work[0] == work[1]


@pytest.mark.parametrize(
    "kept",
    ["", "password1", "$scrypt$ln=30,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$" + "A" * 43, "$scrypt$ln=0,r=8,p=1$" + "A" * 22 + "$" + "A" * 43,
     "$scrypt$ln=15,r=8,p=9$" + "A" * 22 + "$" + "A" * 43, "$2b$12$abcdefghijklmnopqrstuv"],
)  # fmt: skip
def test_what_is_no_scrypt_or_asks_for_too_much_matches_nothing(kept: str) -> None:
    assert not passwords.well_formed(kept)
    assert not passwords.matches("password1", kept)


def test_tokens_differ_and_only_their_digest_need_be_kept() -> None:
    first, second = passwords.new_token(), passwords.new_token()
    assert first != second and first.startswith(passwords.TOKEN_MARK) and len(first) > 45
    assert passwords.token_digest(first) == hashlib.sha256(first.encode()).hexdigest()
