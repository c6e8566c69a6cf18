"""The processes of one system, found by its data directory."""

from pathlib import Path

from settings import Settings


def processes_of(settings: Settings) -> set[int]:
    """Every process that has this data directory in its environment."""
    needle = f"PROJET_PARTAGE_DATA_DIR={settings.data_dir}\0".encode()
    found = set()
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                if needle in (folder / "environ").read_bytes() + b"\0":
                    found.add(int(folder.name))
            except (FileNotFoundError, ProcessLookupError, PermissionError):
                continue
    return found
