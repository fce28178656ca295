"""What this server speaks, told to tools such as grpcurl that have no .proto files.

The protocol has two names, v1 and the older v1alpha, with the same messages on the wire; both are
served with the generated code of v1alpha. A file comes with all files it imports, because a tool
that gets one alone has to ask again for every import.
"""

from collections.abc import Callable, Iterable, Mapping

import grpc
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import FileDescriptor
from grpc_reflection.v1alpha.reflection_pb2 import (
    ErrorResponse,
    ExtensionNumberResponse,
    ExtensionRequest,
    FileDescriptorResponse,
    ListServiceResponse,
    ServerReflectionRequest,
    ServerReflectionResponse,
    ServiceResponse,
)

from leadrelay.edges.grpc.bridge import Call, Method, Requests, stream_stream

SERVICES = ("grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection")


class Reflection:
    """Answers for `services` and for every message known to the pool."""

    def __init__(self, services: Iterable[str], pool: descriptor_pool.DescriptorPool | None = None) -> None:
        self._services = sorted(services)
        self._pool = pool or descriptor_pool.Default()
        self._answers: dict[str | None, Callable[[ServerReflectionRequest], ServerReflectionResponse]] = {
            "list_services": self._list_services,
            "file_by_filename": self._file_by_filename,
            "file_containing_symbol": self._file_containing_symbol,
            "file_containing_extension": self._file_containing_extension,
            "all_extension_numbers_of_type": self._all_extension_numbers,
        }

    def methods(self) -> Mapping[str, Method]:
        serve = stream_stream(self._serve, ServerReflectionRequest)
        return {f"/{service}/ServerReflectionInfo": serve for service in SERVICES}

    async def _serve(self, requests: Requests[ServerReflectionRequest], call: Call) -> None:
        async for request in requests:
            response = self.answer(request)
            response.valid_host = request.host
            response.original_request.CopyFrom(request)
            await call.send(response)

    def answer(self, request: ServerReflectionRequest) -> ServerReflectionResponse:
        """One answer. What is not known is part of it and ends no stream."""
        answer = self._answers.get(request.WhichOneof("message_request"))
        if answer is None:
            return _error(grpc.StatusCode.INVALID_ARGUMENT, "the request asks for nothing that is known here")
        try:
            return answer(request)
        except KeyError as error:
            return _error(grpc.StatusCode.NOT_FOUND, str(error.args[0]))

    def _list_services(self, _: ServerReflectionRequest) -> ServerReflectionResponse:
        listed = ListServiceResponse(service=[ServiceResponse(name=name) for name in self._services])
        return ServerReflectionResponse(list_services_response=listed)

    def _file_by_filename(self, request: ServerReflectionRequest) -> ServerReflectionResponse:
        return _files(self._pool.FindFileByName(request.file_by_filename))

    def _file_containing_symbol(self, request: ServerReflectionRequest) -> ServerReflectionResponse:
        symbol = request.file_containing_symbol
        try:
            return _files(self._pool.FindFileContainingSymbol(symbol))
        except KeyError:  # the pool finds services but not their methods
            service, _, method = symbol.rpartition(".")
            return _files(
                self._pool.FindServiceByName(service).methods_by_name[method].containing_service.file
            )

    def _file_containing_extension(self, request: ServerReflectionRequest) -> ServerReflectionResponse:
        asked: ExtensionRequest = request.file_containing_extension
        extended = self._pool.FindMessageTypeByName(asked.containing_type)
        extension = self._pool.FindExtensionByNumber(extended, asked.extension_number)
        return _files(self._pool.FindFileContainingSymbol(extension.full_name))

    def _all_extension_numbers(self, request: ServerReflectionRequest) -> ServerReflectionResponse:
        extended = self._pool.FindMessageTypeByName(request.all_extension_numbers_of_type)
        numbers = sorted(extension.number for extension in self._pool.FindAllExtensions(extended))
        return ServerReflectionResponse(
            all_extension_numbers_response=ExtensionNumberResponse(
                base_type_name=extended.full_name, extension_number=numbers
            )
        )


def _files(file: FileDescriptor) -> ServerReflectionResponse:
    """The file asked for and then, once each, all that it imports."""
    files = {file.name: file}
    todo = [file]
    while todo:
        for imported in todo.pop().dependencies:
            if imported.name not in files:
                files[imported.name] = imported
                todo.append(imported)
    bodies = [each.serialized_pb for each in files.values()]
    return ServerReflectionResponse(
        file_descriptor_response=FileDescriptorResponse(file_descriptor_proto=bodies)
    )


def _error(code: grpc.StatusCode, message: str) -> ServerReflectionResponse:
    number: int = code.value[0]
    return ServerReflectionResponse(error_response=ErrorResponse(error_code=number, error_message=message))
