"""Certificate authorities as files that the JDBC driver finds on the driver and on every executor."""

import hashlib
import os
import re
import shutil

from pyspark import SparkFiles

CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
# Certificates are public; a PKCS #12 file must have some password all the same.
STORE_PASSWORD = "authorities"


def distributed(session, pem):
    """A function that answers the kind of file wanted, "pem" or "p12", by (path, password); None where no authorities are given."""
    if not pem:
        return lambda kind: None

    def place(kind):
        name = f"authorities-{hashlib.sha256(pem.encode()).hexdigest()[:12]}.{kind}"
        context = session.sparkContext
        local = os.path.join(SparkFiles.getRootDirectory(), name)
        if not os.path.exists(local):
            made = os.path.join(context._temp_dir, name)
            write_pem(made, pem) if kind == "pem" else write_store(session, made, pem)
            context.addFile(made)
        if context.master.startswith("local"):
            return local, STORE_PASSWORD
        # Executors find it in their working folder, and so must the driver: one relative path serves both.
        shutil.copyfile(local, name)
        return name, STORE_PASSWORD

    return place


def write_pem(path, pem):
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(CERTIFICATE.findall(pem)) + "\n")


def write_store(session, path, pem):
    java = session._jvm.java
    store = java.security.KeyStore.getInstance("PKCS12")
    store.load(None, None)
    factory = java.security.cert.CertificateFactory.getInstance("X.509")
    for no, found in enumerate(CERTIFICATE.findall(pem)):
        stream = java.io.ByteArrayInputStream(bytearray(found.encode("ascii")))
        store.setCertificateEntry(f"authority-{no}", factory.generateCertificate(stream))
    file = java.io.FileOutputStream(path)
    password = session.sparkContext._gateway.new_array(session._jvm.char, len(STORE_PASSWORD))
    for at, letter in enumerate(STORE_PASSWORD):
        password[at] = letter
    store.store(file, password)
    file.close()
