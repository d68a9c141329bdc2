"""Objects by path: a local file, or s3://bucket/key by boto3, which Glue, EMR and Databricks have."""

import hashlib
import os
import re
import shutil

from purchases_spark.errors import PurchasesError

S3 = re.compile(r"s3[an]?://([^/]+)/(.*)", re.DOTALL)
_client = None


def s3():
    global _client
    if _client is None:
        import boto3

        _client = boto3.client("s3")
    return _client


def read_bytes(task_object):
    """The object's bytes as they were planned. Error: `BronzeChanged` where another version is there."""
    place = S3.fullmatch(task_object["path"])
    if place is None:
        with open(task_object["path"], "rb") as file:
            return file.read()
    bucket, key = place.groups()
    try:
        answer = s3().get_object(Bucket=bucket, Key=key, IfMatch=task_object["etag"])
        return answer["Body"].read()
    except s3().exceptions.ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] not in (404, 412):
            raise
        raise PurchasesError(
            "BronzeChanged",
            f"{task_object['key']} changed while it was read.",
            "The run plans again with what is there now.",
        ) from error


def read_text(path):
    place = S3.fullmatch(path)
    if place is None:
        with open(path, encoding="utf-8") as file:
            return file.read()
    return s3().get_object(Bucket=place[1], Key=place[2])["Body"].read().decode("utf-8")


def write_text(path, text):
    place = S3.fullmatch(path)
    if place is not None:
        s3().put_object(Bucket=place[1], Key=place[2], Body=text.encode("utf-8"))
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(f"{path}.part", "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(f"{path}.part", path)


def parts_in(folder, session):
    """Paths of the Parquet parts that a job's committed tasks left below a folder, through Hadoop's file system."""
    hadoop = session._jvm.org.apache.hadoop.fs.Path(folder)
    system = hadoop.getFileSystem(session._jsc.hadoopConfiguration() if hasattr(session, "_jsc") else session.sparkContext._jsc.hadoopConfiguration())
    if not system.exists(hadoop):
        return []
    found, entries = [], system.listFiles(hadoop, True)
    while entries.hasNext():
        path = entries.next().getPath()
        if path.getName().startswith("part-"):
            found.append(path.toUri().getPath() if path.toUri().getScheme() == "file" else path.toString())
    return sorted(found)


def publish(path, final):
    """Gives a finished part its name in the lake; its size and sha-256. Run again it writes the same."""
    source, target = S3.fullmatch(path), S3.fullmatch(final)
    digest, size = hashlib.sha256(), 0
    if target is None:
        with open(path, "rb") as file:
            for piece in iter(lambda: file.read(1 << 20), b""):
                digest.update(piece)
                size += len(piece)
        os.makedirs(os.path.dirname(final), exist_ok=True)
        shutil.copyfile(path, f"{final}.part")
        os.replace(f"{final}.part", final)
        return size, digest.hexdigest()
    body = s3().get_object(Bucket=source[1], Key=source[2])["Body"]
    for piece in body.iter_chunks(1 << 20):
        digest.update(piece)
        size += len(piece)
    s3().copy_object(Bucket=target[1], Key=target[2], CopySource={"Bucket": source[1], "Key": source[2]})
    return size, digest.hexdigest()


def remove_folder(folder):
    place = S3.fullmatch(folder)
    if place is None:
        shutil.rmtree(folder, ignore_errors=True)
        return
    pages = s3().get_paginator("list_objects_v2").paginate(Bucket=place[1], Prefix=place[2].rstrip("/") + "/")
    for page in pages:
        names = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
        if names:
            s3().delete_objects(Bucket=place[1], Delete={"Objects": names})
