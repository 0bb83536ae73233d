/*
 * testing_certs.h: two self-signed certificates for 127.0.0.1, valid from 2020 to 2120, and the key
 * of the first. For tests only: they protect nothing.
 */
#ifndef RK_CLUSTER_TESTING_CERTS_H
#define RK_CLUSTER_TESTING_CERTS_H

static const char test_key[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgp+JVUJYALbCYRsB+\n"
    "vyOrQ7e5FJ7GVbxccsxzJxhSDf6hRANCAARvqWemjUNZHLmmHmxI0rXh5kmjsHTl\n"
    "kB6o9Bb6l4btv+f8FLl4GuL1NRHkYX+U6TZjU9eAO//qIWu0Ksl2xh2F\n"
    "-----END PRIVATE KEY-----\n";

static const char test_cert[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBazCCARGgAwIBAgIBATAKBggqhkjOPQQDAjAWMRQwEgYDVQQDDAtyZWNrb24t\n"
    "dGVzdDAgFw0yMDAxMDEwMDAwMDBaGA8yMTIwMDEwMTAwMDAwMFowFjEUMBIGA1UE\n"
    "AwwLcmVja29uLXRlc3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARvqWemjUNZ\n"
    "HLmmHmxI0rXh5kmjsHTlkB6o9Bb6l4btv+f8FLl4GuL1NRHkYX+U6TZjU9eAO//q\n"
    "IWu0Ksl2xh2Fo04wTDAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwDwYDVR0T\n"
    "AQH/BAUwAwEB/zAdBgNVHQ4EFgQUtXAc1HWAFoMwATT9j6qzlClaDGUwCgYIKoZI\n"
    "zj0EAwIDSAAwRQIgcxemi6XyS/vzz51tQ8PalWuuByx1PDRjMq6eBmQXWvgCIQCY\n"
    "3xYif3izS87K00Jf2UihV52IOoEQodlX46LdX+dbSQ==\n"
    "-----END CERTIFICATE-----\n";

static const char test_other_cert[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbTCCAROgAwIBAgIBATAKBggqhkjOPQQDAjAXMRUwEwYDVQQDDAxyZWNrb24t\n"
    "b3RoZXIwIBcNMjAwMTAxMDAwMDAwWhgPMjEyMDAxMDEwMDAwMDBaMBcxFTATBgNV\n"
    "BAMMDHJlY2tvbi1vdGhlcjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABOYarSPl\n"
    "R37HciDib9BMVoWR37RBdCH6bd03x96lGn5L7RNnGd++0pt5qkpAUmNO22TsmAOF\n"
    "RLXfR/dpVmucvdOjTjBMMBoGA1UdEQQTMBGHBH8AAAGCCWxvY2FsaG9zdDAPBgNV\n"
    "HRMBAf8EBTADAQH/MB0GA1UdDgQWBBRUhrA852YjIH1CAA8He718+6z+VjAKBggq\n"
    "hkjOPQQDAgNIADBFAiBHHbghgxmJYFag1dD4s1AGgzsigr8D/nKXoKcdNznPFwIh\n"
    "ALnPaIaz6SOC8+wljmyA6FN9tXBJ0mrBvPuyFh4ILzkd\n"
    "-----END CERTIFICATE-----\n";

#endif
