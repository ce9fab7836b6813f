import CPostgres
import Glibc

/// One statement with its parameters, or rows to copy.
public struct PostgresRequest {
    /// Prepared once per connection and text.
    public var sql: String
    public var parameters: PostgresParameters
    /// What to do instead, if there is anything.
    let copy: PostgresCopy?

    public init(_ sql: String, _ parameters: PostgresParameters = PostgresParameters()) {
        self.sql = sql
        self.parameters = parameters
        copy = nil
    }

    public init(_ copy: PostgresCopy) {
        sql = copy.sql
        parameters = PostgresParameters()
        self.copy = copy
    }

    public init(_ sql: String, _ arrays: [PostgresArray]) {
        self.init(sql, PostgresParameters(arrays))
    }
}

extension PostgresConnection {
    /// Sends all requests at once and waits for all answers: one round trip, and three more for every copy among them.
    ///
    /// Outside of a transaction they are one of their own, and copies each; when one fails, those behind it are not run, and
    /// an open transaction has failed.
    /// - Returns: the rows of each, in order.
    /// - Throws: `PostgresError` of the first that failed; `connectionLost` when nothing is known.
    @discardableResult
    public func run(_ requests: [PostgresRequest]) throws(PostgresError) -> [PostgresRows] {
        var rows: [PostgresRows] = []
        var rest = requests[...]
        while let index = rest.firstIndex(where: { $0.copy != nil }), let copy = rest[index].copy {
            rows += try pipeline(rest[..<index])
            rows.append(try copyIn(copy))
            rest = rest[(index + 1)...]
        }
        return try rows + pipeline(rest)
    }

    private func pipeline(_ requests: ArraySlice<PostgresRequest>) throws(PostgresError) -> [PostgresRows] {
        guard !requests.isEmpty else { return [] }
        var expected: [Expected] = []
        expected.reserveCapacity(requests.count * 2)
        for request in requests { try send(request, &expected) }
        guard PQpipelineSync(handle) == 1 else { throw lost() }
        try flush()
        return try receive(expected)
    }

    /// One request.
    public func query(
        _ sql: String, _ parameters: PostgresParameters = PostgresParameters()
    ) throws(PostgresError) -> PostgresRows {
        try run([PostgresRequest(sql, parameters)])[0]
    }

    /// What answers come, in order.
    private enum Expected {
        case prepared(sql: String, name: String)
        case rows
    }

    private func send(_ request: PostgresRequest, _ expected: inout [Expected]) throws(PostgresError) {
        let parameters = request.parameters
        let name: String
        if let known = prepared[request.sql] {
            name = known
        } else {
            name = "s\(prepared.count)"
            let isSent = parameters.types.withUnsafeBufferPointer {
                PQsendPrepare(handle, name, request.sql, Int32(parameters.count), $0.baseAddress)
            }
            guard isSent == 1 else { throw lost() }
            // Noted at once: the same text may stand in the same pipeline again.
            prepared[request.sql] = name
            expected.append(.prepared(sql: request.sql, name: name))
        }
        let isSent = parameters.withLists { values, lengths, formats in
            PQsendQueryPrepared(handle, name, Int32(parameters.count), values, lengths, formats, 1)
        }
        guard isSent == 1 else { throw lost() }
        expected.append(.rows)
    }

    private func receive(_ expected: [Expected]) throws(PostgresError) -> [PostgresRows] {
        var rows: [PostgresRows] = []
        var failure: PostgresError?
        for item in expected {
            guard let result = try next() else { throw lost() }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK:
                if case .rows = item { rows.append(PostgresRows(result)) } else { PQclear(result) }
            case PGRES_PIPELINE_ABORTED:
                forget(item)
                PQclear(result)
            default:
                if failure == nil { failure = error(of: result) }
                forget(item)
                PQclear(result)
                if !isUsable { throw failure ?? lost() }
            }
            while let more = try next() { PQclear(more) }
        }
        guard let sync = try next() else { throw failure ?? lost() }
        PQclear(sync)
        if let failure { throw failure }
        return rows
    }

    /// A statement that could not be prepared is prepared again next time, under another name.
    private func forget(_ item: Expected) {
        guard case .prepared(let sql, let name) = item, prepared[sql] == name else { return }
        prepared[sql] = nil
        // Names are counted: keep the count growing.
        prepared["-- \(name)"] = name
    }

    /// The next result; `nil` between the results of two requests.
    private func next() throws(PostgresError) -> OpaquePointer? {
        while PQisBusy(handle) == 1 {
            try wait(for: Int16(POLLIN))
            guard PQconsumeInput(handle) == 1 else { throw lost() }
        }
        return PQgetResult(handle)
    }

    /// Sends what is buffered, reading meanwhile: else both ends might wait for each other.
    private func flush() throws(PostgresError) {
        while true {
            let left = PQflush(handle)
            if left == 0 { return }
            guard left == 1 else { throw lost() }
            let ready = try wait(for: Int16(POLLIN | POLLOUT))
            if ready & Int16(POLLIN) != 0 {
                guard PQconsumeInput(handle) == 1 else { throw lost() }
            }
        }
    }

    @discardableResult
    private func wait(for events: Int16) throws(PostgresError) -> Int16 {
        var descriptor = pollfd(fd: PQsocket(handle), events: events, revents: 0)
        guard descriptor.fd >= 0 else { throw lost() }
        // What TLS has decrypted already does not show at the socket: look again now and then.
        let timeout: Int32 = PQsslInUse(handle) == 1 ? 20 : -1
        while poll(&descriptor, 1, timeout) < 0 {
            guard errno == EINTR else { throw lost() }
        }
        return descriptor.revents
    }
}
