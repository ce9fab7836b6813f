import EventLog
public import KafkaLog
import PersonalMetadata
public import Postgres
import Projection
import SQLiteLog
import SharedContent
import ViewStorage

extension ProjectionBenchmark {
    /// `project.postgres`: both views, each on its thread, from Kafka into PostgreSQL: the history of `project.sqlite`,
    /// shorter. The floor copies (binary `COPY`) the same final rows into the same tables with their keys and indexes, table
    /// after table, both views at the same time, one transaction a view.
    ///
    /// - Parameters:
    ///   - server: any database of a server on which the role may make others; two are made and dropped.
    ///   - brokers: where topics are made and deleted; `nil` has the log in SQLite.
    ///   - directory: must exist; files are made in it and removed.
    public static func postgres(
        on server: PostgresAddress, from brokers: KafkaSettings?, in directory: String, runs: Int = 3,
        records: Int = 300_000
    ) throws -> Measurement {
        try withLog(on: brokers, in: directory) { open in
            let count = try withOpened(open) { try ProjectionHistory().append(to: $0, records: records, seed: 1) }
            var values: [Double] = []
            var floors: [Double] = []
            for _ in 0..<runs {
                try withScratchDatabase(on: server, "views") { views in
                    // As a projector that starts: nothing is fetched yet.
                    values.append(Double(count) / (try withOpened(open) { try project($0, into: views) }))
                    floors.append(
                        Double(count)
                            / (try withScratchDatabase(on: server, "floor") {
                                try copySeconds(from: views, generation: 1, to: $0)
                            }))
                }
            }
            return Measurement(name: "project.postgres", unit: "records/s", values: values, floors: floors)
        }
    }

    /// - Parameter body: gets what opens the log.
    private static func withLog<Result>(
        on brokers: KafkaSettings?, in directory: String, _ body: (_ open: () throws -> any EventLog) throws -> Result
    ) throws -> Result {
        guard let brokers else {
            return try withScratchDirectory(in: directory) { scratch in
                try body { try SQLiteLog(directory: "\(scratch)/log") }
            }
        }
        return try withScratchTopics(brokers, partitions: 8, memberPartitions: 4) { topics in
            try body { try KafkaLog(topics) }
        }
    }

    private static func withOpened<Result>(
        _ open: () throws -> any EventLog, _ body: (any EventLog) throws -> Result
    ) throws -> Result {
        let log = try open()
        defer { log.close() }
        return try body(log)
    }

    private static func open(_ index: Int, _ address: PostgresAddress) throws -> any ViewStore {
        index == 0
            ? try PostgresSharedContentStore(address: address) : try PostgresPersonalMetadataStore(address: address)
    }

    static func project(_ log: any EventLog, into views: PostgresAddress) throws -> Double {
        let watch = Stopwatch()
        try onThreads(2) { index in
            let projector = Projector(
                log: log, store: try open(index, views), owner: HostProcess.owner(tag: "bench\(index)"))
            _ = try projector.catchUp()
        }
        return watch.seconds
    }

    /// - Returns: seconds for both views, written at the same time.
    static func copySeconds(
        from views: PostgresAddress, generation: Int64, to copies: PostgresAddress
    ) throws -> Double {
        let schemas = [SharedContentSchema.postgres.schema, PersonalMetadataSchema.postgres.schema]
        let tables = try schemas.map { try rows(of: PostgresGenerations($0).schema(of: generation), in: views) }
        for index in schemas.indices { _ = try open(index, copies) }
        let watch = Stopwatch()
        try onThreads(schemas.count) { index in
            let connection = try PostgresConnection(copies)
            try connection.transaction {
                for (table, chunks) in tables[index] {
                    try connection.copyIn("COPY \(schemas[index]).\(table) FROM STDIN (FORMAT binary)", chunks: chunks)
                }
            }
        }
        return watch.seconds
    }

    /// The rows of a view's tables as `COPY` gives them, in chunks of about 64 KiB.
    private static func rows(of schema: String, in views: PostgresAddress) throws -> [(String, [[UInt8]])] {
        let connection = try PostgresConnection(views)
        let names = try connection.query(
            """
            SELECT tablename::text FROM pg_tables WHERE schemaname = '\(schema)' AND tablename NOT IN
                ('schema_version', 'position', 'lease', 'instance', 'attempt', 'parked', 'writer', 'generation') ORDER BY tablename
            """)
        return try (0..<names.count).map { row in
            let name = names.text(row, 0)
            var chunks: [[UInt8]] = [[]]
            try connection.copyOut("COPY \(schema).\(name) TO STDOUT (FORMAT binary)") { bytes in
                if chunks[chunks.count - 1].count >= 65_536 { chunks.append([]) }
                chunks[chunks.count - 1] += bytes
            }
            return (name, chunks)
        }
    }
}
