import Glibc
public import Projection

/// This machine and the processes on it, as leases see them.
public enum HostProcess {
    /// Changes with every start of the machine.
    public static let bootID: String = firstLine(of: "/proc/sys/kernel/random/boot_id") ?? "unknown"

    /// Names this process: boot, process namespace, process id and start time.
    /// - Parameter tag: tells apart several owners in one process.
    public static func owner(tag: String) -> LeaseOwner {
        let pid = getpid()
        var started = "0"
        if case .started(let ticks) = sight(of: pid) { started = ticks }
        return LeaseOwner(text: "\(bootID)|\(namespace)|\(pid)|\(started)|\(tag)")
    }

    /// Whether the owner is a process of this boot and namespace that no longer runs. Of any other owner nothing is
    /// known, so the answer is no.
    public static func isDead(_ owner: LeaseOwner) -> Bool {
        let parts = owner.text.split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 5, parts[0] == bootID, parts[1] == namespace, namespace != "unknown",
            let pid = Int32(parts[2])
        else { return false }
        switch sight(of: pid) {
        case .gone: return true
        // Another process may have its id now.
        case .started(let ticks): return parts[3] != "0" && parts[3] != ticks
        case .hidden: return false
        }
    }

    public static func microsSinceBoot() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_BOOTTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1_000
    }

    private static let namespace: String = {
        var buffer = [CChar](repeating: 0, count: 64)
        let count = readlink("/proc/self/ns/pid", &buffer, buffer.count - 1)
        return count > 0 ? String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self) : "unknown"
    }()

    /// What this process may know of another.
    private enum Sight {
        case gone
        /// It runs, and this user may not look at it (`hidepid`, `ProtectProc=`).
        case hidden
        /// Ticks since boot when it started.
        case started(String)
    }

    /// Field 22 of `/proc/PID/stat`. A process that has ended but was not waited for (state Z) counts as gone.
    private static func sight(of pid: Int32) -> Sight {
        if kill(pid, 0) != 0 && errno == ESRCH { return .gone }
        guard let line = firstLine(of: "/proc/\(pid)/stat"), let parenthesis = line.lastIndex(of: ")") else {
            return .hidden
        }
        let fields = line[line.index(after: parenthesis)...].split(separator: " ")
        guard fields.count > 19 else { return .hidden }
        return fields[0] == "Z" || fields[0] == "X" ? .gone : .started(String(fields[19]))
    }

    private static func firstLine(of path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var buffer = [CChar](repeating: 0, count: 4096)
        guard fgets(&buffer, Int32(buffer.count), file) != nil else { return nil }
        let bytes = buffer.prefix { $0 != 0 && $0 != 10 }.map { UInt8(bitPattern: $0) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
