"""Telling CloudFront to forget the static page that it has kept."""

from __future__ import annotations

import uuid
from urllib.parse import quote

from django.conf import settings

from equipment.static_page.targets import place


def is_set() -> bool:
    """Say whether the page is given out by CloudFront; it reads from S3 alone."""
    return settings.STATIC_PAGE_PUSH_METHOD == "s3" and bool(settings.CLOUDFRONT_DISTRIBUTION_ID)


def invalidate() -> str:
    """Ask for the page to be read anew and return what CloudFront calls that. Raises what boto3 raises."""
    import boto3
    from botocore.config import Config

    client = boto3.client(
        "cloudfront", config=Config(connect_timeout=5, read_timeout=20, retries={"total_max_attempts": 1})
    )
    path = "/" + quote(place(settings.STATIC_PAGE_PUSH_TARGET).key)
    answer = client.create_invalidation(
        DistributionId=settings.CLOUDFRONT_DISTRIBUTION_ID,
        # A reference that has been used before would be answered with the old invalidation, and nothing forgotten.
        InvalidationBatch={"Paths": {"Quantity": 1, "Items": [path]}, "CallerReference": uuid.uuid4().hex},
    )
    return str(answer["Invalidation"]["Id"])
