"""Results in an object store: where they are, and files that Snakemake does not carry there by itself.

With `--default-storage-provider s3`, Snakemake fetches the inputs of each job from a bucket and stores its outputs in
it. Copies of those in use lie below Snakemake's own folder. A file that is no output, such as the state of a training,
is carried by this module. Endpoint, region and credentials come from the environment, as boto3 reads them
(`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, …).
"""

import logging
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ventral.core.errors import Fault
from ventral.core.files import whole

S3 = "s3://"
ABSENT = ("404", "NoSuchKey", "NoSuchBucket")


@dataclass(frozen=True)
class Place:
    """Where the results of a study are.

    Attributes
    ----------
    folder : str
        Their folder on this machine, which holds copies if they are kept in an object store.
    address : str
        Their address in S3; empty if they are kept elsewhere.
    """

    folder: str
    address: str = ""

    def of(self, name: str) -> str:
        """The address of one of them; empty if they are not kept in S3."""
        return f"{self.address}/{name}" if self.address else ""


def place_of(results: str, workflow: Any) -> Place:
    """Where a run of Snakemake keeps the results.

    Parameters
    ----------
    results : str
        The results folder of the study.
    workflow : snakemake.workflow.Workflow
        Of the run, as the Snakefile has it.

    Raises
    ------
    Fault
        An object store is used, and `results` is an absolute path.
    """
    provider = workflow.storage_registry.default_storage_provider
    if provider is None:
        return Place(results)
    if os.path.isabs(results):
        raise Fault(f"results: {results!r} must be a relative path where results are kept in an object store.")
    prefix = (workflow.storage_settings.default_storage_prefix or "").rstrip("/")
    kept = provider.object(f"{prefix}/{os.path.normpath(results)}")
    return Place(str(kept.local_path()), kept.query if kept.query.startswith(S3) else "")


def fetch(address: str, path: str | Path) -> bool:
    """Copy an object of S3 to a file, if there is such an object.

    Returns
    -------
    bool
        Whether there is.

    Raises
    ------
    Fault
        The store cannot be reached, or refuses.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        with whole(path) as partial:
            _client().download_file(*_bucket_and_key(address), str(partial))
    except ClientError as error:
        if error.response["Error"]["Code"] in ABSENT:
            return False
        raise Fault(f"{address} cannot be fetched ({error}). Check the credentials in the environment.") from error
    except BotoCoreError as error:
        raise Fault(f"{address} cannot be fetched ({error}). Check AWS_ENDPOINT_URL and the network.") from error
    return True


def store(path: str | Path, address: str) -> None:
    """Copy a file to an object of S3; a copy that fails is only logged, because the file is still there."""
    from boto3.exceptions import S3UploadFailedError
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        _client().upload_file(str(path), *_bucket_and_key(address))
    except (BotoCoreError, ClientError, S3UploadFailedError) as error:
        logging.warning("%s could not be stored as %s (%s).", path, address, error)


def remove(address: str) -> None:
    """Remove an object of S3, if it is there; a failure is only logged."""
    from botocore.exceptions import BotoCoreError, ClientError

    bucket, key = _bucket_and_key(address)
    try:
        _client().delete_object(Bucket=bucket, Key=key)
    except (BotoCoreError, ClientError) as error:
        logging.warning("%s could not be removed (%s).", address, error)


def _client() -> Any:
    import boto3
    from botocore.config import Config

    # Stores other than Amazon's do not all know the newer checksums.
    quiet = Config(request_checksum_calculation="when_required", response_checksum_validation="when_required")
    return boto3.client("s3", config=quiet)


def _bucket_and_key(address: str) -> tuple[str, str]:
    bucket, _, key = address.removeprefix(S3).partition("/")
    return bucket, key
