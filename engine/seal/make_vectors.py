#!/usr/bin/python3
"""Writes vectors.h: values sealed by an independent implementation (python3-cryptography).

Run by hand when the set changes:  /usr/bin/python3 engine/seal/make_vectors.py > engine/seal/vectors.h
The keys are test keys, made here and used nowhere else.
"""
import base64
import datetime
import os

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SIZES = [0, 1, 15, 16, 17]
SCOPES = [("SEAL_STRICT", b"shop/db"), ("SEAL_NAMESPACE_WIDE", b"shop"), ("SEAL_CLUSTER_WIDE", b"")]


def clear(size):
    return bytes((i * 7 + 13) & 0xFF for i in range(size))


def seal(key, label, value):
    session = os.urandom(32)
    oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(),
                        label=label or None)
    wrapped = key.public_key().encrypt(session, oaep)
    body = AESGCM(session).encrypt(bytes(12), value, None)
    return base64.b64encode(len(wrapped).to_bytes(2, "big") + wrapped + body).decode()


def certificate(key, begin, end):
    name = x509.Name([])
    cert = (x509.CertificateBuilder().subject_name(name).issuer_name(name)
            .public_key(key.public_key()).serial_number(x509.random_serial_number())
            .not_valid_before(begin).not_valid_after(end).sign(key, hashes.SHA256()))
    return cert.public_bytes(serialization.Encoding.PEM).decode()


def c_text(text, indent):
    pieces = [text[i:i + 76] for i in range(0, len(text), 76)] if "\n" not in text else \
        [line + "\\n" for line in text.splitlines()]
    return "\n".join(f'{indent}"{p}"' for p in pieces)


def main():
    print("/* vectors.h: made by make_vectors.py with python3-cryptography; test keys only. */")
    print("static const char *const vector_keys[] = {")
    keys, certs = [], []
    for bits in (2048, 3072, 4096):
        key = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        keys.append(key)
        # PKCS#1 as the controller stores it, PKCS#8 once
        form = serialization.PrivateFormat.PKCS8 if bits == 3072 else \
            serialization.PrivateFormat.TraditionalOpenSSL
        pem = key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
        print(c_text(pem.decode(), "    ") + ",")
        certs.append(certificate(key, datetime.datetime(2020, 1, 1), datetime.datetime(2120, 1, 1)))
    print("};\nstatic const char *const vector_certs[] = {")
    for cert in certs:
        print(c_text(cert, "    ") + ",")
    print("};\nstatic const char vector_expired[] =")
    print(c_text(certificate(keys[0], datetime.datetime(2015, 1, 1),
                             datetime.datetime(2016, 1, 1)), "    ") + ";")
    print("static const struct vector {\n    size_t key;\n    enum seal_scope scope;\n"
          "    size_t size;\n    const char *sealed;\n} vectors[] = {")
    for i, key in enumerate(keys):
        for scope, label in SCOPES:
            for size in SIZES:
                print(f"    {{{i}, {scope}, {size},")
                print(c_text(seal(key, label, clear(size)), "     ") + "},")
    print("};")


main()
