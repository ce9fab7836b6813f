import ContentProtection
import Deployment
import EventLog
import Glibc
import Messaging
import TestSupport
import Testing

struct DeploymentTests {
    private let directory: ScratchDirectory
    private let data: String

    init() throws {
        directory = try ScratchDirectory()
        data = directory.path + "/deep/data"
    }

    private func open(_ settings: DeploymentSettings? = nil, _ ifMissing: Deployment.IfMissing = .create) throws
        -> Deployment
    {
        try Deployment(settings ?? DeploymentSettings(data: data), ifMissing: ifMissing)
    }

    private func code(_ body: () throws -> Void) -> DeploymentError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? DeploymentError)?.code
        }
    }

    private func appendOne(_ deployment: Deployment) throws {
        var batch = AppendBatch()
        batch.add(to: TopicPartition(.memberCommands, 0), key: [1], value: [2])
        _ = try deployment.log.append(batch)
    }

    @Test func firstUseMakesTheDirectoryAndAMasterKeyForItsOwnerOnly() throws {
        let deployment = try open()
        _ = try deployment.openKeys().currentKey(of: .member(MemberID(.defaultNamespace)))
        let layout = DataDirectory(data)
        var status = stat()
        for (path, mode) in [(layout.keys, 0o700), (layout.masterKey, 0o600), (layout.keyStore, 0o600)] {
            #expect(stat(path, &status) == 0, "\(path)")
            #expect(status.st_mode & 0o777 == mode_t(mode), "\(path)")
        }
        #expect(stat(layout.log, &status) == 0)
        #expect(stat(layout.views, &status) == 0)
    }

    @Test func keysSurviveBeingOpenedAgain() throws {
        let owner = KeyOwner.member(MemberID(.defaultNamespace))
        let first = try open().openKeys().currentKey(of: owner)
        let second = try open().openKeys().currentKey(of: owner)
        #expect(first.key.withBytes { Array($0) } == second.key.withBytes { Array($0) })
    }

    @Test func readersDoNotMakeWhatIsMissing() throws {
        #expect(code { _ = try open(nil, .fail) } == .missing)
        #expect(access(data, F_OK) != 0)
    }

    @Test func aLogWithRecordsIsNotGivenNewKeys() throws {
        let deployment = try open()
        _ = try deployment.openKeys()
        try appendOne(deployment)
        let layout = DataDirectory(data)
        #expect(unlink(layout.masterKey) == 0)
        #expect(throws: ContentProtectionError.self) { try deployment.openKeys() }
        #expect(access(layout.masterKey, F_OK) != 0)
        #expect(unlink(layout.keyStore) == 0)
        #expect(throws: ContentProtectionError.self) { try deployment.openKeys() }
    }

    @Test func anotherNamespaceIsRefused() throws {
        _ = try open()
        let other = try DeploymentSettings(data: data, namespace: Identifier(high: 1, low: 2))
        #expect(code { _ = try open(other) } == .configuration)
        #expect(code { _ = try open() } == nil)
    }

    @Test func aPlaceWhereNoDirectoryCanBeMadeIsNamed() throws {
        #expect(code { _ = try open(DeploymentSettings(data: "/proc/self/nowhere")) } == .cannotCreate)
        #expect(code { _ = try open(DeploymentSettings(data: "/dev/null/data")) } == .cannotCreate)
    }

    @Test func theMasterKeyMayComeAsText() throws {
        let text = Array(repeating: UInt8(ascii: "a"), count: 64)
        let settings = try DeploymentSettings(data: data, masterKey: .hexadecimal(text, source: "TEST"))
        _ = try open(settings).openKeys()
        #expect(access(DataDirectory(data).masterKey, F_OK) != 0)
        #expect(throws: ContentProtectionError.self) { try open().openKeys() }
    }

    @Test func urlsNameTheirPlaces() throws {
        let plain = try DeploymentSettings(data: "d")
        #expect(plain.log == .sqlite(directory: "d/log"))
        #expect(plain.sharedStore == .sqlite(file: "d/views/shared.sqlite"))
        #expect(plain.personalStore == .sqlite(file: "d/views/personal.sqlite"))
        let other = try DeploymentSettings(
            data: "d", log: "kafka:a:1,b:2", sharedStore: "postgres://h/db", personalStore: "sqlite:x")
        #expect(other.log == .kafka(brokers: "a:1,b:2"))
        #expect(other.sharedStore == .postgres(url: "postgres://h/db"))
        #expect(other.personalStore == .sqlite(file: "x"))
        for url in ["", "x", "sqlite:", "mysql:x", "kafka:"] {
            #expect(code { _ = try DeploymentSettings(data: "d", log: url) } == .configuration, "\(url)")
            #expect(code { _ = try DeploymentSettings(data: "d", sharedStore: url) } == .configuration, "\(url)")
        }
    }
}
