"""The key ring of a process, from its settings."""

from __future__ import annotations

from activities.settings import Settings, SettingsError
from activities.store.keys import KeyRing, ProgramKey


def open_keyring(settings: Settings) -> KeyRing:
    """The key ring under the program key that the settings give, by value or by file.

    Raises:
        SettingsError: neither is given.
        StoreRefused: what is given is no key.
    """
    if settings.key is not None:
        return KeyRing(ProgramKey.from_base64(settings.key.get_secret_value()))
    if settings.key_file is not None:
        return KeyRing(ProgramKey.from_file(settings.key_file))
    raise SettingsError(
        "There is no program key.",
        "Set OFFRAMP_KEY_FILE to its file, or OFFRAMP_KEY to its base64; 'offramp up' makes one.",
    )
