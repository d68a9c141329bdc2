"""Objects by path: a local file, or s3://bucket/key by boto3, which Glue, EMR and Databricks have."""

import hashlib
import os
import re
import shutil
import uuid
from contextlib import contextmanager, suppress

from purchases_spark.errors import bronze_changed

S3 = re.compile(r"s3[an]?://([^/]+)/(.*)", re.DOTALL)
PIECE = 1 << 20
ENDING = ".parquet"
CONTENT_DIGITS = 16
_client = None


def s3():
    global _client
    if _client is None:
        import boto3

        _client = boto3.client("s3")
    return _client


def read_bytes(task_object):
    """The object's bytes as they were planned. Error: `BronzeChanged` where another version is there, or none."""
    place = S3.fullmatch(task_object["path"])
    if place is None:
        try:
            with open(task_object["path"], "rb") as file:
                return file.read()
        except FileNotFoundError as error:
            raise bronze_changed(task_object["key"]) from error
    bucket, key = place.groups()
    try:
        answer = s3().get_object(Bucket=bucket, Key=key, IfMatch=task_object["etag"])
        return answer["Body"].read()
    except s3().exceptions.ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] not in (404, 412):
            raise
        raise bronze_changed(task_object["key"]) from error


def must_be_unchanged(objects):
    """A file has no version that it could be read by: one that was overwritten meanwhile has another time or size. Error: `BronzeChanged`."""
    for one in objects:
        if one["source"] is None or S3.fullmatch(one["path"]):
            continue
        try:
            now = os.stat(one["path"])
        except FileNotFoundError as error:
            raise bronze_changed(one["key"]) from error
        if (int(now.st_mtime), now.st_size) != (one["modified"], one["size"]):
            raise bronze_changed(one["key"])


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
    with finished(path) as temporary:
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)


@contextmanager
def finished(path):
    """
    The name of a file beside `path` that is this writer's alone, to be filled and then given its
    name.
    """
    os.makedirs(os.path.dirname(path), exist_ok=True)
    temporary = os.path.join(os.path.dirname(path), f"{uuid.uuid4().hex}.part")
    try:
        yield temporary
    finally:
        with suppress(FileNotFoundError):
            os.remove(temporary)


def parts_in(folder, session):
    """Paths of the Parquet parts that a job's committed tasks left below a folder, through Hadoop's file system."""
    hadoop = session._jvm.org.apache.hadoop.fs.Path(folder)
    system = hadoop.getFileSystem(session.sparkContext._jsc.hadoopConfiguration())
    if not system.exists(hadoop):
        return []
    found, entries = [], system.listFiles(hadoop, True)
    while entries.hasNext():
        path = entries.next().getPath()
        if path.getName().startswith("part-"):
            found.append(path.toUri().getPath() if path.toUri().getScheme() == "file" else path.toString())
    return sorted(found)


def copy_here(path, local):
    """A local file with an object's content, fetched once."""
    if not os.path.exists(local):
        place = S3.fullmatch(path)
        with finished(local) as temporary:
            s3().download_file(place[1], place[2], temporary)
            os.replace(temporary, local)
    return local


def named_by_content(key, digest):
    """
    The final key of a file: part of its bytes' sha-256 comes before the ending, as `namedByContent`
    in src/lake/layout.ts has it.
    """
    return f"{key.removesuffix(ENDING)}-{digest[:CONTENT_DIGITS]}{ENDING}"


def publish(path, place_of):
    """
    Gives a finished part its name in the lake, `place_of` its sha-256; its size and sha-256. The
    name covers the bytes, so that a task that is tried again, or runs twice side by side, never
    changes what another has published.
    """
    size, digest = measure(path)
    final = place_of(digest)
    source, target = S3.fullmatch(path), S3.fullmatch(final)
    if target is None:
        create(path, final, (size, digest))
    # The same bytes under the same name: S3 writes whole objects, and a new age keeps `vacuum` away
    # from one that no commit names yet.
    elif source is None:
        with open(path, "rb") as file:
            s3().put_object(Bucket=target[1], Key=target[2], Body=file)
    else:
        s3().copy_object(Bucket=target[1], Key=target[2], CopySource={"Bucket": source[1], "Key": source[2]})
    return size, digest


def create(path, final, measured):
    """
    A local file under a name that nothing else has. What is there already is left alone, unless it
    is damaged.
    """
    if os.path.exists(final) and measure(final) == measured:
        return
    with finished(final) as temporary:
        shutil.copyfile(path, temporary)
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.replace(temporary, final)


def measure(path):
    """A file's size and sha-256, None where there is none. Never whole in memory."""
    size, digest = 0, hashlib.sha256()
    for piece in pieces(path):
        if piece is None:
            return None
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def pieces(path):
    """The file's bytes in order; a None where there is no file."""
    place = S3.fullmatch(path)
    try:
        if place is None:
            with open(path, "rb") as file:
                yield from iter(lambda: file.read(PIECE), b"")
        else:
            yield from body_of(place).iter_chunks(PIECE)
    except FileNotFoundError:
        yield None


def body_of(place):
    try:
        return s3().get_object(Bucket=place[1], Key=place[2])["Body"]
    except s3().exceptions.NoSuchKey as error:
        raise FileNotFoundError(place[0]) from error


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
