"""A prefix of a bucket in an object store that speaks S3."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import s3fs
from botocore.exceptions import BotoCoreError, NoCredentialsError

from sar.domain.errors import StoreRefused
from sar.stores.files_look import NORMAL, Limits
from sar.stores.files_tree import NOT_TEXT, OUTSIDE_NAME, PAGE, Listed, read_whole, shown
from sar.stores.reaching import refused, unavailable

# At their most talkative these write names of files, which name people, and keys into the log.
for _talker in ("s3fs", "fsspec", "botocore", "aiobotocore"):
    logging.getLogger(_talker).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Place:
    """A bucket, a prefix and the key that may read them."""

    bucket: str
    prefix: str
    endpoint: str = ""
    region: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    ca_file: Path | None = None
    timeout_s: float = 10
    limits: Limits = NORMAL

    def open(self, label: str) -> S3Tree:
        """A client of its own, tried once."""
        tree = S3Tree(self._files(), self.bucket, self.prefix)
        try:
            tree.look()
        except (PermissionError, NoCredentialsError):
            raise refused(label, "it did not accept our credentials") from None
        except FileNotFoundError:
            raise StoreRefused(
                f"{label}: the bucket is not there, or nothing lies below the prefix.",
                next_step="Correct `folder`, or ask the store's owner where the documents lie now.",
            ) from None
        except _UNREACHED:
            raise unavailable(label, "it could not be reached, or broke off") from None
        return tree

    def _files(self) -> Any:
        return s3fs.S3FileSystem(
            anon=not self.access_key,
            key=self.access_key or None,
            secret=self.secret_key or None,
            endpoint_url=self.endpoint or None,
            client_kwargs={
                **({"region_name": self.region} if self.region else {}),
                **({"verify": str(self.ca_file)} if self.ca_file else {}),
            },
            config_kwargs={
                "connect_timeout": self.timeout_s,
                "read_timeout": self.timeout_s,
                "retries": {"max_attempts": 1},
            },
            default_cache_type="none",
            use_listings_cache=False,
            skip_instance_cache=True,
        )


class S3Tree:
    """One client on one prefix. Names are keys: nothing leads anywhere but to its own object."""

    lost: tuple[type[BaseException], ...] = (
        BotoCoreError,
        aiohttp.ClientError,
        ConnectionError,
        TimeoutError,
    )

    def __init__(self, files: Any, bucket: str, prefix: str) -> None:
        self._files = files
        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        files.retries = 1

    def look(self) -> None:
        """Whether anything is there."""
        if not self._page(most=1).get("Contents"):
            raise FileNotFoundError

    def pages(self) -> Iterator[list[Listed]]:
        """The keys as the server pages them; one page is held at a time."""
        after: dict[str, str] = {}
        while True:
            answer = self._page(after)
            yield [one for found in answer.get("Contents", ()) if (one := self._listed(found))]
            token = answer.get("NextContinuationToken")
            if not answer.get("IsTruncated") or not token:
                return
            if token == after.get("ContinuationToken"):
                raise ConnectionError("the same page again")
            after = {"ContinuationToken": token}

    def read(self, name: str, *, most: int, until: Callable[[], bool]) -> bytes:
        """One object."""
        path = f"{self._bucket}/{self._prefix}{name}"
        return read_whole(self._files, path, most=most, until=until)

    def alive(self) -> bool:
        """Each question is a call of its own; one that fails says nothing of the next."""
        return True

    def close(self) -> None:
        """Close the client's connections."""
        self._files.close_session(self._files.loop, self._files._s3)  # noqa: SLF001 (it has no public name for it)

    def _page(self, after: dict[str, str] | None = None, *, most: int = PAGE) -> dict[str, Any]:
        answer: dict[str, Any] = self._files.call_s3(
            "list_objects_v2", Bucket=self._bucket, Prefix=self._prefix, MaxKeys=most, **(after or {})
        )
        return answer

    def _listed(self, found: dict[str, Any]) -> Listed | None:
        key, size = str(found["Key"]), int(found.get("Size") or 0)
        name = key.removeprefix(self._prefix)
        if key.endswith("/") and size == 0:
            return None  # the mark by which some programs show an empty folder
        changed = found.get("LastModified")
        seconds = changed.timestamp() if changed is not None else None
        # A slash that is doubled or a step upwards would be another object's name to a tool that tidies paths.
        if not key.startswith(self._prefix) or {"", ".", ".."} & set(name.split("/")) or "\x00" in name:
            return Listed(shown(name or key), why=OUTSIDE_NAME)
        if any("\ud800" <= c <= "\udfff" or c == "\ufffd" for c in name):
            return Listed(shown(name), why=NOT_TEXT)
        return Listed(name, size, seconds)


_UNREACHED: tuple[type[BaseException], ...] = (OSError, *S3Tree.lost)
