# What Parley needs from a Debian or Ubuntu machine: every package list and every setting of the scripts.
# Read by the other scripts; add a package here and the next `make` installs it.

# The oldest Swift that builds this package.
SWIFT_MAJOR=6
SWIFT_MINOR=2

# System libraries the package links, and what the build itself calls.
BUILD_PACKAGES=(libsqlite3-dev libssl-dev librdkafka-dev libpq-dev pkg-config make git)

# What the tests call: the independent Python implementations, protoc, ps, a PostgreSQL server, the Java that runs Kafka,
# another client of Kafka.
TEST_PACKAGES=(python3 python3-cryptography python3-confluent-kafka protobuf-compiler procps faketime
    postgresql default-jre-headless kcat)

# The compiler of the private root. g++ brings the C++ library of the gcc that swiftlang's clang selects.
SWIFT_PACKAGES=(swiftlang g++ libc6-dev)

# What the machine itself needs to create the private root.
BOOTSTRAP_PACKAGES=(debootstrap debian-archive-keyring)

# The private root: its place (baked into what it links), where it comes from, the disk space it takes while created.
TOOLCHAIN_DEFAULT=/opt/parley-toolchain
TOOLCHAIN_SUITE=sid
TOOLCHAIN_MIRROR=${PARLEY_DEBIAN_MIRROR:-http://deb.debian.org/debian}
TOOLCHAIN_GIGABYTES=7
