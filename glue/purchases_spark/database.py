"""The serving database as Spark's JDBC source wants it told. A password is fetched or taken from the environment, never from an argument."""

import json
import os
import re
from urllib.parse import parse_qs, quote, unquote, urlsplit

from purchases_spark.errors import PurchasesError

DRIVERS = {
    "postgres": ("postgresql", "org.postgresql.Driver", 5432),
    "postgresql": ("postgresql", "org.postgresql.Driver", 5432),
    "mysql": ("mysql", "com.mysql.cj.jdbc.Driver", 3306),
}
MODES = {"disable": "none", "require": "unverified", "verify-full": "verified"}
LOOPBACK = re.compile(r"localhost|127(\.\d+){3}|::1")
# Many rows in one statement: without it a row is a round trip.
BATCHED = {"postgresql": {"reWriteBatchedInserts": "true"}, "mysql": {"rewriteBatchedStatements": "true"}}


def jdbc_options(url):
    """
    A function that makes the options of `format("jdbc")` of one that answers a kind of file with certificate authorities, "pem" or "p12", by
    (path, password). Error: `ConfigInvalid`.
    """
    place = urlsplit(url or "")
    if place.scheme not in DRIVERS:
        raise wrong("it must be postgres://host/database or mysql://host/database")
    kind, driver, port = DRIVERS[place.scheme]
    if place.password is not None:
        raise wrong("a password does not belong into an argument, which others can read")
    asked = {name: values[-1] for name, values in parse_qs(place.query).items()}
    user, password = login(unquote(place.username or "") or None, asked.get("passwordFrom"))
    host = place.hostname or "localhost"
    encryption = MODES.get(asked.get("sslmode", ""), "none" if LOOPBACK.fullmatch(host) else "verified")
    name = quote(unquote(place.path.lstrip("/")))
    tls = postgres_tls if kind == "postgresql" else mysql_tls
    return lambda authorities: {
        "url": f"jdbc:{kind}://{host}:{place.port or port}/{name}",
        "driver": driver,
        "user": user,
        "password": password,
        **BATCHED[kind],
        **tls(encryption, authorities),
    }


def postgres_tls(encryption, authorities):
    if encryption != "verified":
        return {"sslmode": "disable" if encryption == "none" else "require"}
    found = authorities("pem")
    if found is None:
        return {"sslmode": "verify-full", "sslfactory": "org.postgresql.ssl.DefaultJavaSSLFactory"}
    return {"sslmode": "verify-full", "sslrootcert": found[0]}


def mysql_tls(encryption, authorities):
    if encryption != "verified":
        return {"sslMode": "DISABLED", "allowPublicKeyRetrieval": "true"} if encryption == "none" else {"sslMode": "REQUIRED"}
    found = authorities("p12")
    if found is None:
        return {"sslMode": "VERIFY_IDENTITY"}
    path, password = found
    return {
        "sslMode": "VERIFY_IDENTITY",
        "trustCertificateKeyStoreUrl": f"file:{path}",
        "trustCertificateKeyStoreType": "PKCS12",
        "trustCertificateKeyStorePassword": password,
    }


def login(user, source):
    """User and password: of a secret of AWS Secrets Manager (the password itself, or JSON as RDS writes it), or of the environment."""
    if source is None:
        return user, os.environ.get("PURCHASES_WAREHOUSE_PASSWORD", "")
    if not source.startswith("secretsmanager:"):
        raise wrong(f"a job takes its password from secretsmanager:NAME, not from {source.split(':')[0]}")
    secret = secret_text(source.removeprefix("secretsmanager:"))
    try:
        content = json.loads(secret) if secret.startswith("{") else {"password": secret}
    except ValueError:
        # JSON's own error quotes the text.
        content = {}
    if not isinstance(content.get("password"), str):
        raise wrong("the secret holds no password")
    return user or content.get("username"), content["password"]


def secret_text(name):
    import boto3

    region = re.match(r"arn:[\w-]+:secretsmanager:([\w-]+):", name)
    client = boto3.client("secretsmanager", **({"region_name": region[1]} if region else {}))
    return client.get_secret_value(SecretId=name)["SecretString"]


def wrong(why):
    return PurchasesError("ConfigInvalid", f"--warehouse cannot be used: {why}.", "See docs/spark.md.")
