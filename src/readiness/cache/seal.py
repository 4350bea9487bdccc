"""The user's own key -> seals on rows of the store: what somebody else wrote is not believed. Never sends or shows the key.

The store lies in the scanned repository, which is hostile until shown otherwise: it could bring a store with facts of its liking.
So each row carries a keyed hash (BLAKE2b, RFC 7693), and the key lies where no repository can put a file: in the user's own state
folder ($XDG_STATE_HOME, else ~/.local/state), mode 0600, made at random on first use.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

from readiness.disk import read_bytes

KEY_BYTES = 32
SEAL_BYTES = 16


class Sealer:
    """Makes and compares seals under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self.name = self.seal(b"name")[:8].hex()  # tells this user's stores from others'; says nothing about the key

    def seal(self, kind: bytes, *parts: bytes) -> bytes:
        """The keyed hash of parts; kind and lengths are in it, so that no row can stand for another."""
        digest = hashlib.blake2b(key=self._key, digest_size=SEAL_BYTES, person=kind)
        for part in parts:
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
        return digest.digest()

    def is_ours(self, seal: object, kind: bytes, *parts: bytes) -> bool:
        """Whether `seal` is that of these parts."""
        return isinstance(seal, bytes) and hmac.compare_digest(seal, self.seal(kind, *parts))


def user_sealer() -> Sealer:
    """With the key of this user. Raises OSError where it can neither be read nor made."""
    folder = _state_folder()
    file = folder / "store.key"
    if not os.path.lexists(file):
        _make_key(folder, file)
    if hasattr(os, "getuid") and file.lstat().st_uid != os.getuid():
        raise OSError(f"the key {file.name} belongs to another user")
    key = read_bytes(str(file), KEY_BYTES + 1)
    if len(key) != KEY_BYTES:
        raise OSError(f"the key {file.name} is damaged; remove it")
    return Sealer(key)


def _state_folder() -> Path:
    given = os.environ.get("XDG_STATE_HOME", "")
    try:
        base = Path(given) if os.path.isabs(given) else Path.home() / ".local" / "state"
    except RuntimeError as error:  # no home
        raise OSError("there is no home folder for its key; set XDG_STATE_HOME") from error
    return base / "go-port-readiness"


def _make_key(folder: Path, file: Path) -> None:
    """Written whole and then named: of two that make one at once, the first one's key is everybody's."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f"{file.name}.{secrets.token_hex(8)}"
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secrets.token_bytes(KEY_BYTES))
        finally:
            os.close(handle)
        try:
            os.link(draft, file)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as error:
        raise OSError(f"no place for its key: {error.strerror}; set XDG_STATE_HOME, or --no-cache") from error
