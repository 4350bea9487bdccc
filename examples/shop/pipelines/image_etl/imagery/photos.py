"""Photos -> the sizes that the shop shows."""

from __future__ import annotations

import io
from typing import Any

import boto3
import numpy as np
import pandas as pd
from PIL import Image, ImageOps

from imagery import frames

WIDTHS = (160, 480, 1200)


def list_new(ds: str, **context: Any) -> int:
    pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=frames.BUCKET, Prefix=f"new/{ds}/")
    rows = [{"key": item["Key"], "bytes": item["Size"]} for page in pages for item in page.get("Contents", ())]
    found = pd.DataFrame(rows, columns=["key", "bytes"])
    found["sku"] = found["key"].str.extract(r"/([A-Z0-9-]+)_\d+\.jpe?g$", expand=False)
    found = found.dropna(subset=["sku"]).drop_duplicates("key")
    frames.write("listed", ds, found)
    return len(found)


def open_photo(key: str) -> Image.Image:
    body = boto3.client("s3").get_object(Bucket=frames.BUCKET, Key=key)["Body"].read()
    return ImageOps.exif_transpose(Image.open(io.BytesIO(body))).convert("RGB")


def make_sizes(ds: str, **context: Any) -> None:
    photos = frames.read("listed", ds)
    made = []
    for row in photos.itertuples():
        photo = open_photo(row.key)
        for width in WIDTHS:
            small = photo.resize((width, round(photo.height * width / photo.width)), Image.Resampling.LANCZOS)
            buffer = io.BytesIO()
            small.save(buffer, "WEBP", quality=82)
            key = f"sizes/{width}/{row.sku}.webp"
            boto3.client("s3").put_object(Bucket=frames.BUCKET, Key=key, Body=buffer.getvalue())
            made.append({"sku": row.sku, "width": width, "key": key, "sharpness": sharpness(small)})
    frames.write("sizes", ds, pd.DataFrame(made))


def sharpness(photo: Image.Image) -> float:
    """Variance of the discrete Laplacian of the grey picture."""
    grey = np.asarray(photo.convert("L"), dtype=np.float32)
    inner = grey[1:-1, 1:-1]
    laplacian = grey[:-2, 1:-1] + grey[2:, 1:-1] + grey[1:-1, :-2] + grey[1:-1, 2:] - 4 * inner
    return float(laplacian.var())
