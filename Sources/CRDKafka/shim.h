#ifndef PARLEY_CRDKAFKA_SHIM_H
#define PARLEY_CRDKAFKA_SHIM_H

#include <librdkafka/rdkafka.h>
// Brokers without a server, for tests.
#include <librdkafka/rdkafka_mock.h>

#if RD_KAFKA_VERSION < 0x02000000
#error "Parley needs librdkafka 2.0 or newer: install librdkafka-dev of Debian 12, Ubuntu 24.04 or newer"
#endif

#endif
