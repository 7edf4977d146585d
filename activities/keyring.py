"""The key ring of a process, from its settings."""

from __future__ import annotations

from activities.settings import Settings, SettingsError
from activities.store.keys import KeyEncryption, KeyRing, ProgramKey


def open_keyring(settings: Settings) -> KeyRing:
    """The key ring under the program key that the settings give, by value, by file or in a key service; with those that were retired.

    Raises:
        SettingsError: none is given.
        StoreRefused: what is given is no key.
    """
    return KeyRing(_program_key(settings), retired=_retired(settings))


def _program_key(settings: Settings) -> KeyEncryption:
    if settings.kms_key_id is not None:
        return _service_key(settings, settings.kms_key_id)
    if settings.key is not None:
        return ProgramKey.from_base64(settings.key.get_secret_value())
    if settings.key_file is not None:
        return ProgramKey.from_file(settings.key_file)
    raise SettingsError(
        "There is no program key.",
        "Set OFFRAMP_KEY_FILE to its file, OFFRAMP_KEY to its base64, or OFFRAMP_KMS_KEY_ID to its ARN in a key service; 'offramp up' makes one.",
    )


def _retired(settings: Settings) -> list[KeyEncryption]:
    return [
        *(ProgramKey.from_file(path, setting="OFFRAMP_RETIRED_KEY_FILES") for path in settings.retired_key_files),
        *(_service_key(settings, arn) for arn in settings.retired_kms_key_ids),
    ]


def _service_key(settings: Settings, arn: str) -> KeyEncryption:
    # Only who keeps a key in a service has its library, and waits for it to load.
    from activities.key_service import ServiceKey

    return ServiceKey(arn, endpoint=settings.kms_endpoint)
