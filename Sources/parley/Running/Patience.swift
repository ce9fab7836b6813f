import EventLog
import Glibc
import LegacyMailbox
import Projection
import Replication

/// Has a daemon wait for the servers it needs, instead of ending because they are started later than it.
///
/// Only for what passes by itself: a server that does not answer. Settings that are wrong, a password that is not
/// accepted, a topic that is refused are thrown at once.
struct Patience {
    private static let firstPauseMillis = 100
    private static let longestPauseMillis = 5_000
    private static let pieceMillis = 50
    /// How often it is said again that it waits.
    private static let reminderSeconds = 30.0

    /// Who waits, in what is said.
    private let role: String
    private let stop: StopSignal
    /// Whether somebody else who holds what is needed is waited for, too.
    private let isForOthersToo: Bool

    init(_ role: String, _ stop: StopSignal, forOthersToo isForOthersToo: Bool = false) {
        (self.role, self.stop, self.isForOthersToo) = (role, stop, isForOthersToo)
    }

    /// Runs `body` until it succeeds, with pauses that grow to five seconds; says that it waits, and why, at once and
    /// every half a minute.
    ///
    /// - Parameter body: opens something; leaves nothing behind when it throws.
    /// - Returns: `nil` when the process is to stop before.
    /// - Throws: what `body` throws and waiting does not mend.
    func opened<Opened>(_ body: () throws -> Opened) throws -> Opened? {
        let clock = ContinuousClock()
        let began = clock.now
        var pauseMillis = Self.firstPauseMillis
        var said: ContinuousClock.Instant?
        while !stop.isRaised {
            do {
                let opened = try body()
                if said != nil { tell("is there after \(seconds(since: began)) s: going on") }
                return opened
            } catch  where Self.mayPass(error, forOthersToo: isForOthersToo) {
                if said.map({ clock.now - $0 >= .seconds(Self.reminderSeconds) }) ?? true {
                    tell("waiting since \(seconds(since: began)) s: \(Failure(any: error).message)")
                    said = clock.now
                }
            }
            pause(pauseMillis)
            pauseMillis = min(pauseMillis * 2, Self.longestPauseMillis)
        }
        return nil
    }

    /// Whether an error is an outage of a server, which ends without anybody changing anything here.
    static func mayPass(_ error: any Error, forOthersToo: Bool = false) -> Bool {
        switch error {
        case let error as LogError: error.isRetriable && error.code == .unavailable
        case let error as ProjectionError: error.isRetriable && error.code == .unreachable
        case let error as ReplicationError: error.isRetriable && [.unreachable, .store].contains(error.code)
        case let error as LegacyError:
            error.isRetriable && ([.unreachable, .store].contains(error.code) || (forOthersToo && error.code == .busy))
        default: false
        }
    }

    private func pause(_ millis: Int) {
        for _ in 0..<millis / Self.pieceMillis where !stop.isRaised { usleep(UInt32(Self.pieceMillis) * 1_000) }
    }

    private func seconds(since began: ContinuousClock.Instant) -> Int64 {
        (ContinuousClock.now - began).components.seconds
    }

    private func tell(_ text: String) { Console.complain("\(role): \(text)") }
}
