"""The data frames between the steps, as Parquet in a bucket."""

from __future__ import annotations

import io
import os

import boto3
import pandas as pd

BUCKET = os.environ.get("IMAGE_BUCKET", "shop-images")


def read(step: str, day: str) -> pd.DataFrame:
    body = boto3.client("s3").get_object(Bucket=BUCKET, Key=f"steps/{day}/{step}.parquet")["Body"].read()
    return pd.read_parquet(io.BytesIO(body))


def write(step: str, day: str, frame: pd.DataFrame) -> None:
    buffer = io.BytesIO()
    frame.to_parquet(buffer, index=False)
    boto3.client("s3").put_object(Bucket=BUCKET, Key=f"steps/{day}/{step}.parquet", Body=buffer.getvalue())
