#ifndef PARLEY_COPENSSL_SHIM_H
#define PARLEY_COPENSSL_SHIM_H

#include <openssl/opensslv.h>

#if OPENSSL_VERSION_MAJOR < 3
#error "Parley needs OpenSSL 3: install libssl-dev of Debian 12, Ubuntu 22.04 or newer"
#endif

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#endif
