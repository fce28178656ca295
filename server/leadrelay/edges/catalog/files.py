"""Which files make up a catalog: those that are named, and all that lie in a folder that is, however deep.

A catalog replaces the one in force, so a file that was left out unseen would take its destinations away.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

from leadrelay.edges.catalog.problems import CatalogRefused, Problem
from leadrelay.edges.catalog.yaml_source import MAX_FILE_BYTES, MAX_FILES, SourceFile

ENDINGS = (".yaml", ".yml", ".json")


def read_paths(paths: Iterable[Path]) -> list[SourceFile]:
    """The content of every file, once however often it is named.

    Raises CatalogRefused when one cannot be read or a folder has none.
    """
    files, problems, seen = list[SourceFile](), list[Problem](), set[Path]()
    for path in paths:
        try:
            found = list(islice(_files(path), MAX_FILES + 1))
        except OSError as error:
            problems.append(_unreadable(Path(error.filename or path), error))  # perhaps a folder inside
            continue
        if not found:
            endings = ", ".join(f"*{ending}" for ending in ENDINGS)
            message = f"the folder has no catalog; files named {endings} were looked for in it"
            problems.append(Problem(str(path), 0, "", message))
        if len(found) > MAX_FILES:
            message = f"there are more files in this folder than the {MAX_FILES} that a catalog may have"
            problems.append(Problem(str(path), 0, "", message))
            continue
        for file in found:
            if (real := file.resolve()) in seen:
                continue
            seen.add(real)
            try:
                files.append(_read(file))
            except OSError as error:
                problems.append(_unreadable(file, error))
    if problems:
        raise CatalogRefused(problems)
    return files


def _files(path: Path) -> Iterator[Path]:
    """A file itself, or the catalog files of a folder in order of their names, then those of its folders.

    What is hidden is left out, and a folder that links lead back into is read once.
    """
    if path.is_dir():
        yield from _inside(path, {path.resolve()})
    else:
        yield path


def _inside(folder: Path, seen: set[Path]) -> Iterator[Path]:
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    yield from (entry for entry in entries if entry.suffix.lower() in ENDINGS and entry.is_file())
    for entry in entries:
        if entry.is_dir() and (real := entry.resolve()) not in seen:
            seen.add(real)
            yield from _inside(entry, seen)


def _read(file: Path) -> SourceFile:
    with file.open("rb") as stream:
        return SourceFile(str(file), stream.read(MAX_FILE_BYTES + 1))  # one more shows that it is too large


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(str(path), 0, "", f"cannot be read: {error.strerror or type(error).__name__}")
