"""Where finished files are kept: the state directory, or an S3-compatible store."""

from typing import Any

from smi_portal.database.state import state_directory


def files_store(bucket: str, endpoint: str, region: str) -> dict[str, Any]:
    """Return the entry of Django's STORAGES: the bucket if one is named, else `files/` in the state directory."""
    if not bucket:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": str(state_directory() / "files"),
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": endpoint or None,
            "region_name": region or None,
            "default_acl": "private",
            "file_overwrite": True,  # every attempt has a name of its own
        },
    }
