// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

/// The executable, with the house's compiler settings.
func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A target of our own, with the house's compiler settings.
func target(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, exclude: exclude, swiftSettings: strict)
}

let package = Package(
    name: "parley",
    products: [
        .executable(name: "parley", targets: ["parley"]),
        .library(name: "Parley", targets: ["ParleyProducer", "EventLog", "Messaging"]),
    ],
    targets: [
        // What can happen.
        target("Messaging"),
        tests("MessagingTests", ["Messaging"]),
        // What the folds must come to, found another way, and histories to try it on.
        target("Simulation", ["Messaging"]),

        // How it looks in bytes.
        target("Wire", ["Messaging"]),
        tests("WireTests", ["Wire", "Messaging"]),

        // SQLite: the system library, and a thin wrapper that knows nothing of Parley.
        .systemLibrary(
            name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite3"])]),
        target("SQLite", ["CSQLite"]),
        tests("SQLiteTests", ["SQLite"]),

        // PostgreSQL: libpq, and a thin wrapper that knows nothing of Parley.
        .systemLibrary(
            name: "CPostgres", pkgConfig: "libpq", providers: [.apt(["libpq-dev"]), .brew(["libpq"])]),
        target("Postgres", ["CPostgres"]),
        tests("PostgresTests", ["Postgres", "TestSupport"]),

        // The log: the contract, and where it is kept.
        target("EventLog"),
        tests("EventLogTests", ["EventLog", "TestSupport"]),
        target("SQLiteLog", ["EventLog", "SQLite"]),
        tests("SQLiteLogTests", ["SQLiteLog", "EventLog", "SQLite", "TestSupport", "log-process"]),
        .executableTarget(
            name: "log-process", dependencies: ["EventLog", "SQLiteLog", "TestSupport"], path: "Tests/LogProcess",
            swiftSettings: strict),

        // The log on Kafka; no other target sees librdkafka.
        // Without pkg-config: what librdkafka itself needs there brings flags that SwiftPM prohibits.
        .systemLibrary(name: "CRDKafka", providers: [.apt(["librdkafka-dev"]), .brew(["librdkafka"])]),
        target("KafkaLog", ["CRDKafka", "EventLog", "Wire"]),
        tests("KafkaLogTests", ["CRDKafka", "EventLog", "KafkaLog", "TestSupport"]),

        // What `parley bench` measures.
        target(
            "Benchmarks",
            [
                "CRDKafka", "ContentProtection", "Deployment", "EventLog", "KafkaLog", "LegacyMailbox", "Messaging",
                "MessagingService", "PersonalMetadata", "Postgres", "Projection", "Replay", "Replication", "SQLite",
                "SQLiteLog",
                "SharedContent", "ViewStorage", "Wire",
            ]),
        tests("BenchmarksTests", ["Benchmarks", "TestSupport"]),

        // What tests of several targets share.
        .target(name: "CFaultyDisk", dependencies: ["CSQLite"]),
        target("TestSupport", ["CFaultyDisk", "EventLog", "Messaging", "Postgres", "Projection", "Simulation"]),

        // Sealing and opening content, keys, erasure. libcrypto of OpenSSL 3.
        .systemLibrary(
            name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        target("ContentProtection", ["Messaging", "SQLite", "COpenSSL"]),
        tests("ContentProtectionTests", ["ContentProtection", "Messaging", "SQLite", "KeyStoreProbe"]),
        // What the tests run as other processes.
        .executableTarget(
            name: "KeyStoreProbe", dependencies: ["ContentProtection", "Messaging"], path: "Tests/KeyStoreProbe",
            swiftSettings: strict),

        // The write path and the read path.
        target(
            "MessagingService",
            [
                "ContentProtection", "EventLog", "Messaging", "PersonalMetadata", "Projection", "SharedContent",
                "ViewStorage", "Wire",
            ]),
        tests(
            "MessagingServiceTests",
            [
                "ContentProtection", "EventLog", "Messaging", "MessagingService", "PersonalMetadata", "Postgres",
                "Projection", "SharedContent", "TestSupport", "ViewStorage", "Wire",
            ]),

        // The old mailbox system: its model, a reference writer with an outbox, the formats of its writes, their ids.
        target("LegacyMailbox", ["EventLog", "Messaging", "Postgres", "SampleHistory", "SQLite", "Wire"]),
        tests(
            "LegacyMailboxTests",
            ["LegacyMailbox", "EventLog", "Messaging", "Postgres", "SQLite", "TestSupport", "Wire"]),

        // What views answered at a moment of the log, and why.
        target(
            "TimeTravel",
            [
                "ContentProtection", "EventLog", "Messaging", "MessagingService", "PersonalMetadata", "Projection",
                "SQLite", "SharedContent", "ViewStorage", "Wire",
            ]),
        tests(
            "TimeTravelTests",
            [
                "TimeTravel", "ContentProtection", "EventLog", "Messaging", "MessagingService", "PersonalMetadata",
                "Projection", "SharedContent", "Simulation", "TestSupport", "ViewStorage", "Wire",
            ]),

        // Where the parts of a deployment are, and opening them.
        target(
            "Deployment",
            [
                "ContentProtection", "EventLog", "Messaging", "MessagingService", "PersonalMetadata", "Projection",
                "Postgres", "Replay", "SharedContent", "SQLiteLog", "KafkaLog",
            ]),
        tests("DeploymentTests", ["Deployment", "ContentProtection", "EventLog", "Messaging", "TestSupport"]),

        // Publishing from Swift code.
        target("ParleyProducer", ["ContentProtection", "Deployment", "EventLog", "Messaging", "MessagingService"]),
        tests(
            "ParleyProducerTests",
            ["ParleyProducer", "EventLog", "Messaging", "TestSupport", "parley", "producer-example"]),
        .executableTarget(
            name: "producer-example", dependencies: ["ParleyProducer", "Messaging"], path: "Examples/Producer",
            swiftSettings: strict),

        // The command line.
        target("Arguments"),
        tests("ArgumentsTests", ["Arguments"]),

        // What daemons tell of themselves, as Prometheus' text.
        target("Telemetry"),
        tests("TelemetryTests", ["Telemetry", "TestSupport"]),

        target("SampleHistory", ["Messaging"]),
        tests("SampleHistoryTests", ["SampleHistory", "Messaging"]),
        executable(
            "parley",
            [
                "Arguments", "Benchmarks", "ContentProtection", "Deployment", "EventLog", "KafkaLog", "LegacyMailbox",
                "Messaging", "MessagingService", "PersonalMetadata", "Postgres", "Projection", "Replay", "Replication",
                "SampleHistory", "SharedContent", "Telemetry", "TimeTravel", "ViewStorage", "Wire",
            ]),
        tests("parleyTests", ["parley", "EventLog", "Messaging", "SQLiteLog", "TestSupport", "Wire"]),

        // Legacy writes to commands, in lanes.
        target(
            "Replication",
            [
                "ContentProtection", "EventLog", "LegacyMailbox", "Messaging", "Postgres", "Projection", "SQLite",
                "ViewStorage", "Wire",
            ]),
        tests(
            "ReplicationTests",
            [
                "ContentProtection", "EventLog", "LegacyMailbox", "Messaging", "Postgres", "Projection", "Replication",
                "SQLite", "TestSupport", "Wire",
            ]),

        // Rebuilding views beside the live ones, comparing, swapping.
        target(
            "Replay",
            [
                "CLinux", "EventLog", "Messaging", "PersonalMetadata", "Postgres", "Projection", "SQLite",
                "SharedContent",
                "ViewStorage", "Wire",
            ]),
        tests(
            "ReplayTests",
            [
                "EventLog", "Messaging", "PersonalMetadata", "Postgres", "Projection", "Replay", "SQLite",
                "SharedContent",
                "Simulation", "TestSupport", "ViewStorage", "Wire",
            ]),

        // Running a fold over a log into a view.
        target("Projection", ["EventLog", "Messaging", "Wire"]),
        // Calls of Linux that Swift does not see.
        .systemLibrary(name: "CLinux"),
        target("ViewStorage", ["CLinux", "EventLog", "Messaging", "Postgres", "Projection", "SQLite", "Wire"]),
        target("SharedContent", ["EventLog", "Messaging", "Postgres", "Projection", "SQLite", "ViewStorage", "Wire"]),
        tests(
            "ProjectionTests",
            [
                "EventLog", "Messaging", "PersonalMetadata", "Postgres", "Projection", "SharedContent", "Simulation",
                "SQLite", "SQLiteLog", "TestSupport", "ViewStorage", "Wire", "projector-process",
            ]),
        .executableTarget(
            name: "projector-process",
            dependencies: [
                "EventLog", "Messaging", "PersonalMetadata", "Postgres", "Projection", "SQLiteLog", "SharedContent",
                "ViewStorage",
            ],
            path: "Tests/ProjectorProcess", swiftSettings: strict),
        target(
            "PersonalMetadata", ["EventLog", "Messaging", "Postgres", "Projection", "SQLite", "ViewStorage", "Wire"]),
    ]
)
