"""Reads the protos as their users do and says where they would stumble.

Names follow the protobuf style guide, so that the generated code of every language reads well. An enum's
zero is `_UNSPECIFIED`. Each call has a request and a response of its own, so that one can grow without the
other. What a name does not say, a comment has to. The rules stand below, one function for each kind of thing.

    python scripts/lint_protos.py [PROTOS]
"""

import argparse
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    FileDescriptorSet,
    ServiceDescriptorProto,
)
from grpc_tools import protoc

PROTOS = Path(__file__).resolve().parent.parent / "protos"
OPTIONS = ("go_package", "java_package", "java_multiple_files")  # the other clients' code depends on them

PASCAL = re.compile(r"([A-Z][a-z0-9]*)+")
SNAKE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
VERSIONED = re.compile(r"([a-z][a-z0-9]*\.)+v[1-9][0-9]*")
# Verbs that mean the same on every service; any other has to say what it does.
PLAIN_VERBS = re.compile(r"(Get|List|Put|Create|Update|Delete)([A-Z].*)?")
SPEAKING = 2  # so many fields need no comment if their names are good

TIMESTAMP = ".google.protobuf.Timestamp"
MONEY = frozenset({"amount", "price", "revenue", "minimum_price"})
INEXACT = (FieldDescriptorProto.TYPE_DOUBLE, FieldDescriptorProto.TYPE_FLOAT)

# Numbers of fields in descriptor.proto: the steps of a path through a file.
MESSAGES, ENUMS, SERVICES = 4, 5, 6
FIELDS, NESTED, NESTED_ENUMS, ONEOFS = 2, 3, 4, 8
VALUES = METHODS = 2


class Finding(NamedTuple):
    file: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.what}"


class Sheet:
    """One file, with what was written beside each of its parts."""

    def __init__(self, file: FileDescriptorProto) -> None:
        self.file = file
        self._locations = {tuple(place.path): place for place in file.source_code_info.location}

    def finding(self, path: Sequence[int], what: str) -> Finding:
        place = self._locations.get(tuple(path))
        return Finding(self.file.name, place.span[0] + 1 if place else 1, what)

    def is_commented(self, path: Sequence[int]) -> bool:
        place = self._locations.get(tuple(path))
        return place is not None and bool(place.leading_comments.strip() or place.trailing_comments.strip())


def main() -> int:
    """Exit 0: nothing to say; 1: findings; 2: protoc refused the protos."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "protos", nargs="?", type=Path, default=PROTOS, help="the folder that imports start from"
    )
    files = described(parser.parse_args().protos)
    if files is None:
        return 2
    found = findings(files)
    for finding in found:
        print(finding, file=sys.stderr)
    print(f"{len(files)} protos, {len(found)} findings")
    return 1 if found else 0


def described(protos: Path) -> list[FileDescriptorProto] | None:
    """Every file with its comments, or None where protoc refused one; it has said why."""
    names = sorted(str(path.relative_to(protos)) for path in protos.rglob("*.proto"))
    well_known = str(resources.files("grpc_tools") / "_proto")
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "protos.pb"
        options = ["--include_source_info", f"--descriptor_set_out={out}"]
        if protoc.main(["protoc", f"-I{protos}", f"-I{well_known}", *options, *names]) != 0:
            return None
        return list(FileDescriptorSet.FromString(out.read_bytes()).file)


def findings(files: Sequence[FileDescriptorProto]) -> list[Finding]:
    carriers = Counter(
        name
        for file in files
        for service in file.service
        for method in service.method
        for name in (method.input_type, method.output_type)
    )
    found: list[Finding] = []
    for file in files:
        sheet = Sheet(file)
        found += of_file(sheet, files)
        for index, message in enumerate(file.message_type):
            found += of_message(sheet, [MESSAGES, index], message, f".{file.package}", carriers)
        for index, enum in enumerate(file.enum_type):
            found += of_enum(sheet, [ENUMS, index], enum)
        for index, service in enumerate(file.service):
            found += of_service(sheet, [SERVICES, index], service, carriers)
    return sorted(found)


def of_file(sheet: Sheet, files: Sequence[FileDescriptorProto]) -> Iterator[Finding]:
    file = sheet.file
    siblings = [other for other in files if other.package == file.package]
    folder, _, base = file.name.rpartition("/")
    if file.syntax != "proto3":
        yield sheet.finding([12], "is not proto3")
    if not SNAKE.fullmatch(base.removesuffix(".proto")):
        yield sheet.finding([], f"the file's name {base} is not lower_snake_case.proto")
    if not VERSIONED.fullmatch(file.package):
        yield sheet.finding(
            [2], f"package {file.package!r} is not lowercase words that end in a version, such as v1"
        )
    elif folder != file.package.replace(".", "/"):
        yield sheet.finding([2], f"package {file.package} belongs into {file.package.replace('.', '/')}/")
    for name in OPTIONS:
        if name not in _options(file):
            yield sheet.finding([2], f"option {name} is missing")
        elif any(_options(other).get(name) != _options(file)[name] for other in siblings):
            yield sheet.finding([2], f"option {name} is not the same in all of {file.package}")


def of_message(
    sheet: Sheet, path: list[int], message: DescriptorProto, scope: str, carriers: Counter[str]
) -> Iterator[Finding]:
    if message.options.map_entry:
        return
    name = f"{scope}.{message.name}"
    if not PASCAL.fullmatch(message.name):
        yield sheet.finding(path, f"message {message.name} is not PascalCase")
    if name not in carriers and not _explains_itself(sheet, path, message):
        yield sheet.finding(path, f"message {message.name} has no comment, and none of its fields has")
    for index, field in enumerate(message.field):
        yield from of_field(sheet, [*path, FIELDS, index], field, message.name)
    for index, oneof in enumerate(message.oneof_decl):
        if not SNAKE.fullmatch(oneof.name.removeprefix("_")):  # protoc's own, for `optional`, begin so
            yield sheet.finding([*path, ONEOFS, index], f"oneof {oneof.name} is not lower_snake_case")
    for index, nested in enumerate(message.nested_type):
        yield from of_message(sheet, [*path, NESTED, index], nested, name, carriers)
    for index, enum in enumerate(message.enum_type):
        yield from of_enum(sheet, [*path, NESTED_ENUMS, index], enum)


def of_field(sheet: Sheet, path: list[int], field: FieldDescriptorProto, message: str) -> Iterator[Finding]:
    where = f"{message}.{field.name}"
    if not SNAKE.fullmatch(field.name):
        yield sheet.finding(path, f"field {where} is not lower_snake_case")
    if field.name.endswith("_at") and field.type_name != TIMESTAMP:
        yield sheet.finding(path, f"field {where} is a moment by its name and no Timestamp by its type")
    if field.name in MONEY and field.type in INEXACT:
        yield sheet.finding(path, f"field {where} is money, which is decimal text and never a float")


def of_enum(sheet: Sheet, path: list[int], enum: EnumDescriptorProto) -> Iterator[Finding]:
    if not PASCAL.fullmatch(enum.name):
        yield sheet.finding(path, f"enum {enum.name} is not PascalCase")
    values = [[*path, VALUES, index] for index in range(len(enum.value))]
    if not any(map(sheet.is_commented, [path, *values])):
        yield sheet.finding(path, f"enum {enum.name} has no comment, and none of its values has")
    for at, value in zip(values, enum.value, strict=True):
        rest = _after_prefix(value.name, enum.name)
        if rest is None:
            yield sheet.finding(at, f"value {value.name} does not begin with its enum's name")
        elif (value.number == 0) != (rest == "UNSPECIFIED"):
            yield sheet.finding(
                at, f"value {value.name} is {value.number}; zero and only zero is _UNSPECIFIED"
            )


def of_service(
    sheet: Sheet, path: list[int], service: ServiceDescriptorProto, carriers: Counter[str]
) -> Iterator[Finding]:
    if not PASCAL.fullmatch(service.name) or not service.name.endswith("Service"):
        yield sheet.finding(path, f"service {service.name} is not PascalCase with Service at its end")
    if not sheet.is_commented(path):
        yield sheet.finding(path, f"service {service.name} has no comment")
    here = {f".{sheet.file.package}.{message.name}" for message in sheet.file.message_type}
    for index, method in enumerate(service.method):
        at, rpc = [*path, METHODS, index], f"{service.name}.{method.name}"
        if not PASCAL.fullmatch(method.name):
            yield sheet.finding(at, f"rpc {rpc} is not PascalCase")
        if not PLAIN_VERBS.fullmatch(method.name) and not sheet.is_commented(at):
            yield sheet.finding(at, f"rpc {rpc} has no comment")
        for carrier, role in ((method.input_type, "Request"), (method.output_type, "Response")):
            short = carrier.rpartition(".")[2]
            # `List` of two services in one package: ListSecretsRequest is as good a name as ListRequest.
            if carrier not in here or not (short.startswith(method.name) and short.endswith(role)):
                yield sheet.finding(
                    at, f"rpc {rpc} has {short}, which is no {method.name}...{role} of its file"
                )
            if carriers[carrier] > 1:
                yield sheet.finding(at, f"rpc {rpc} shares {short} with another")


def _options(file: FileDescriptorProto) -> dict[str, object]:
    return {field.name: value for field, value in file.options.ListFields()}


def _explains_itself(sheet: Sheet, path: list[int], message: DescriptorProto) -> bool:
    """By a comment, its own or a field's; one or two fields, or a bare choice, may speak by their names."""
    if sheet.is_commented(path) or any(
        sheet.is_commented([*path, FIELDS, index]) for index in range(len(message.field))
    ):
        return True
    is_choice = len(message.oneof_decl) == 1 and all(field.HasField("oneof_index") for field in message.field)
    return len(message.field) <= SPEAKING or is_choice


def _after_prefix(value: str, enum: str) -> str | None:
    """`JWT_BEARER` of OAUTH2_GRANT_JWT_BEARER in OAuth2Grant, wherever the underscores of the prefix are."""
    words = value.split("_")
    for count in range(1, len(words)):
        if "".join(words[:count]) == enum.upper():
            return "_".join(words[count:])
    return None


if __name__ == "__main__":
    sys.exit(main())
