"""Pictures in backups: held while they are copied, and put back all at once.

A file of a picture never changes, but it may be removed a moment after a copy of the database was
taken that shows it. So whoever backs up first makes links to all files: what is linked stays.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from shop.ops.backups.archive import Entry
from shop.ops.backups.places import own_like, workplace
from shop.ops.backups.problems import BackupError, write_problem

FOLDER = "media/"
# Others may read: a web server in front of the shop does.
_MODE = 0o644


class Held:
    """The files of a media folder, each of them from when it was first seen."""

    def __init__(self, root: Path, links: Path | None) -> None:
        self._root = root
        self._links = links

    def hold(self) -> None:
        """Hold what is there now, with what was there before."""
        if self._links is None:
            return
        for name, path in _walk(self._root):
            link = self._links / name
            try:
                link.parent.mkdir(parents=True, exist_ok=True)
                link.hardlink_to(path)
            except (FileExistsError, FileNotFoundError):
                continue
            except OSError:
                # A disk without links, or somebody else's files: they are copied from where they
                # lie, and what is removed meanwhile is missed at the end.
                self._links = None
                return

    def files(self) -> Iterator[tuple[str, Path]]:
        """Yield the name of each file, in order, and where it can be read."""
        return _walk(self._links or self._root)

    def has(self, name: str) -> bool:
        """Tell whether there is a file of that name."""
        return ((self._links or self._root) / name).is_file()

    def size(self) -> int:
        """Return how many bytes all of them have."""
        return sum(path.stat().st_size for _, path in self.files())


@contextlib.contextmanager
def holding(root: Path) -> Iterator[Held]:
    """Hold the files below `root` until the block ends."""
    with contextlib.ExitStack() as stack:
        links = None
        with contextlib.suppress(BackupError):
            links = stack.enter_context(workplace(root))
        held = Held(root, links)
        held.hold()
        yield held


def _walk(folder: Path, *, before: str = "") -> Iterator[tuple[str, Path]]:
    """Yield all files below the folder but hidden ones, which are on their way in or out."""
    try:
        found = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except FileNotFoundError:
        return
    for entry in found:
        if entry.name.startswith("."):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(Path(entry), before=f"{before}{entry.name}/")
        elif entry.is_file(follow_symlinks=False):
            yield before + entry.name, Path(entry)


# --- Putting back ---------------------------------------------------------------------------------


def has_any(root: Path) -> bool:
    """Tell whether there is a file below `root`."""
    return next(_walk(root), None) is not None


def check_name(name: str) -> None:
    """Refuse a name by which a backup would reach beyond the media folder."""
    parts = name.removeprefix(FOLDER).split("/")
    strange = any(not part or part.startswith(".") or "\\" in part for part in parts)
    if not name.startswith(FOLDER) or strange or not name.isprintable():
        raise BackupError(f"it is no backup of NovaShop: it has an entry {name!r}")


def put(entry: Entry, *, folder: Path) -> None:
    """Write a file of the backup into the folder. Raises BackupError."""
    path = folder / PurePosixPath(entry.name.removeprefix(FOLDER))
    try:
        _make_folder(path.parent, within=folder)
        with path.open("xb") as file:
            os.fchmod(file.fileno(), _MODE)
            file.writelines(entry.pieces())
        own_like(path, like=folder.parent.parent)
    except FileExistsError as error:
        raise BackupError(f"the backup has {entry.name} twice") from error
    except OSError as error:
        raise write_problem(error, place=folder.parent.parent) from error


def _make_folder(path: Path, *, within: Path) -> None:
    if path != within and not path.exists():
        _make_folder(path.parent, within=within)
        path.mkdir()
        own_like(path, like=within.parent.parent)


def swap(root: Path, *, new: Path, aside: Path) -> bool:
    """Put the contents of `new` in place of what is in `root`, and that into the folder `aside`.

    Return whether there was anything. Renames alone, so that it takes no time and no room; the
    folder itself stays, which may be a disk of its own.
    """
    old = _visible(root)
    if old:
        aside.mkdir(mode=0o700)
        for path in old:
            path.rename(aside / path.name)
    for path in _visible(new):
        path.rename(root / path.name)
    # One call for a hundred thousand files.
    os.sync()
    return bool(old)


def _visible(folder: Path) -> list[Path]:
    return sorted(path for path in folder.iterdir() if not path.name.startswith("."))
