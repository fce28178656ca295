"""SecretService: credentials go in and never come out (behaviour 8, 9).

What is done is logged by name. A request that is refused is answered without anything that was sent with it.
"""

import logging
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from google.protobuf.timestamp_pb2 import Timestamp

from leadrelay.auth.envelope import DamagedSecret
from leadrelay.auth.secrets import NAME, NAME_WORDS
from leadrelay.auth.sources import StoreFirst
from leadrelay.auth.vault import MissingKey, NoKey, Stored, StoreFull, UnfitSecret
from leadrelay.core.errors import JournalError
from leadrelay.edges.catalog.references import destinations_with
from leadrelay.edges.catalog.shelf import Shelf
from leadrelay.edges.grpc import errors
from leadrelay.edges.grpc.bridge import Call, Method, unary_unary
from leadrelay.edges.grpc.submission import refuse
from leadrelay.v1 import secret_service_pb2 as pb

SERVICE = "leadrelay.v1.SecretService"
USUAL_PAGE: Final = 100
MAX_PAGE: Final = 1000

log = logging.getLogger("leadrelay")


class SecretEdge:
    """The servicer; `methods` is what the bridge serves."""

    def __init__(self, secrets: StoreFirst, shelf: Shelf) -> None:
        self._secrets, self._store, self._shelf = secrets, secrets.store, shelf

    def methods(self) -> dict[str, Method]:
        return {
            f"/{SERVICE}/Put": unary_unary(self.put, pb.PutRequest),
            f"/{SERVICE}/List": unary_unary(self.list, pb.ListSecretsRequest),
            f"/{SERVICE}/Delete": unary_unary(self.delete, pb.DeleteSecretRequest),
            f"/{SERVICE}/Rotate": unary_unary(self.rotate, pb.RotateRequest),
        }

    async def put(self, request: pb.PutRequest, _call: Call) -> pb.PutResponse:
        with _refusals():
            created = await self._store.put(request.name, _text(request.value))
        log.info("the secret %s was %s", request.name, "stored" if created else "replaced")
        if words := self._secrets.overlap(request.name):
            log.warning("%s", words)
        return pb.PutResponse(created=created)

    async def list(self, request: pb.ListSecretsRequest, _call: Call) -> pb.ListSecretsResponse:
        size, after = _page(request)
        stored = self._store.stored()
        start = bisect_right(stored, after, key=lambda secret: secret.name)
        page = stored[start : start + size]
        more = start + size < len(stored)
        return pb.ListSecretsResponse(
            secrets=[_name(secret) for secret in page], next_page_token=page[-1].name if more else ""
        )

    async def delete(self, request: pb.DeleteSecretRequest, _call: Call) -> pb.DeleteSecretResponse:
        name = _checked(request.name)
        async with self._shelf.at_rest():
            if not self._store.has(name):
                raise errors.unknown_secret(name, self._secrets.outside.places(name))
            if destinations := destinations_with(self._shelf.message, name):
                raise errors.secret_in_use(name, destinations)
            with _refusals():
                await self._store.delete(name)
        log.info("the secret %s was deleted", name)
        return pb.DeleteSecretResponse()

    async def rotate(self, _request: pb.RotateRequest, _call: Call) -> pb.RotateResponse:
        with _refusals():
            count = await self._store.rotate()
        log.info("%d secret(s) were put under the current key", count)
        return pb.RotateResponse(rotated=count)


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except UnfitSecret as error:
        raise refuse("the secret is refused", [(error.part, str(error))]) from error
    except NoKey as error:
        raise errors.precondition(str(error), "SECRETS_KEY_MISSING") from error
    except StoreFull as error:
        raise errors.precondition(str(error), "SECRETS_FULL") from error
    except MissingKey as error:
        raise errors.precondition(f"nothing was changed: {error}", "SECRETS_KEY_MISSING") from error
    except DamagedSecret as error:
        raise errors.precondition(f"nothing was changed: {error}", "SECRET_DAMAGED") from error
    except JournalError as error:
        raise errors.journal_failed(error, "nothing was changed") from error


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        raise UnfitSecret("value", "is not text in UTF-8") from None


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise refuse("the request is refused", [("name", NAME_WORDS)])
    return name


def _page(request: pb.ListSecretsRequest) -> tuple[int, str]:
    """How many names are asked for, and after which one."""
    wrong = []
    if request.page_size > MAX_PAGE:
        wrong.append(("page_size", f"is more than {MAX_PAGE}"))
    if request.page_token and not NAME.fullmatch(request.page_token):
        wrong.append(("page_token", "is none that this server gave"))
    if wrong:
        raise refuse("the request is refused", wrong)
    return request.page_size or USUAL_PAGE, request.page_token


def _name(secret: Stored) -> pb.SecretName:
    updated_at = Timestamp()
    updated_at.FromNanoseconds(secret.updated_at)
    return pb.SecretName(name=secret.name, updated_at=updated_at)
