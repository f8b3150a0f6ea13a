"""A private object store that speaks S3 over real HTTP."""

from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

import pytest


@dataclass(frozen=True)
class S3:
    endpoint: str
    client: object
    bucket: str

    def put(self, key, content):
        self.client.put_object(Bucket=self.bucket, Key=key, Body=content)


@contextmanager
def s3_server():
    """The server with one empty bucket."""
    # Seconds of importing, which only the process that runs these tests need spend.
    import boto3  # noqa: PLC0415
    from moto.server import ThreadedMotoServer  # noqa: PLC0415

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    with pytest.MonkeyPatch.context() as patch:
        # The test's own client must not look for a person's settings.
        patch.setenv("AWS_CONFIG_FILE", "/dev/null")
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
        server.start()
        try:
            host, port = server.get_host_and_port()
            endpoint = f"http://{host}:{port}"
            client = boto3.client(
                "s3", endpoint_url=endpoint, region_name="eu-west-2",
                aws_access_key_id="reader", aws_secret_access_key="secret",
            )  # fmt: skip
            # All servers of one process share their buckets: each needs a name of its own.
            bucket = f"documents-{uuid4().hex[:12]}"
            client.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
            yield S3(endpoint, client, bucket)
            client.close()
        finally:
            server.stop()
