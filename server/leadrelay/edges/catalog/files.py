"""Which files make up a catalog: those that are named, and all that lie in a folder that is."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from leadrelay.edges.catalog.problems import CatalogRefused, Problem
from leadrelay.edges.catalog.yaml_source import MAX_FILE_BYTES, MAX_FILES, SourceFile

ENDINGS = (".yaml", ".yml", ".json")


def read_paths(paths: Iterable[Path]) -> list[SourceFile]:
    """The content of every file. Raises CatalogRefused when one cannot be read or a folder has none."""
    files, problems = list[SourceFile](), list[Problem]()
    for path in paths:
        try:
            found = list(_files(path))
        except OSError as error:
            problems.append(_unreadable(path, error))
            continue
        if not found:
            endings = ", ".join(f"*{ending}" for ending in ENDINGS)
            message = f"the folder has no catalog; files named {endings} were looked for in it"
            problems.append(Problem(str(path), 0, "", message))
        if len(found) > MAX_FILES:
            message = f"{len(found)} files are more than the {MAX_FILES} that a catalog may have"
            problems.append(Problem(str(path), 0, "", message))
            continue
        for file in found:
            try:
                files.append(_read(file))
            except OSError as error:
                problems.append(_unreadable(file, error))
    if problems:
        raise CatalogRefused(problems)
    return files


def _files(path: Path) -> Iterator[Path]:
    """A file itself, or the catalog files right inside a folder in order of their names, hidden ones not."""
    if not path.is_dir():
        yield path
        return
    for entry in sorted(path.iterdir()):
        if entry.suffix.lower() in ENDINGS and not entry.name.startswith(".") and entry.is_file():
            yield entry


def _read(file: Path) -> SourceFile:
    with file.open("rb") as stream:
        return SourceFile(str(file), stream.read(MAX_FILE_BYTES + 1))  # one more shows that it is too large


def _unreadable(path: Path, error: OSError) -> Problem:
    return Problem(str(path), 0, "", f"cannot be read: {error.strerror or type(error).__name__}")
