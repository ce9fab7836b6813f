import Glibc

/// What any process can tell of itself, under the names that every client of Prometheus uses.
public enum ProcessMetrics {
    /// - Parameters:
    ///   - command: which daemon this is.
    ///   - version: of the program.
    public static func collector(command: String, version: String) -> MetricsRegistry.Collector {
        let started = Double(time(nil))
        return .init("process") {
            var info = MetricFamily("parley_info", .gauge, "1; which daemon of which version this is.")
            info.add(1, [.init("command", command), .init("version", version)])
            var usage = rusage()
            getrusage(RUSAGE_SELF.rawValue, &usage)
            return [
                info,
                MetricFamily(
                    "process_start_time_seconds", .gauge, "When the process began, in seconds since 1970.", started),
                MetricFamily(
                    "process_cpu_seconds_total", .counter, "Time of the processors that it took.",
                    seconds(usage.ru_utime) + seconds(usage.ru_stime)),
                MetricFamily(
                    "process_resident_memory_bytes", .gauge, "Memory that it has.", Double(try residentBytes())),
            ]
        }
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) / 1e6 }

    private static func residentBytes() throws -> Int {
        guard let file = fopen("/proc/self/statm", "re") else {
            throw TelemetryError(.file, "/proc/self/statm: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, 128, file) != nil else { throw TelemetryError(.file, "/proc/self/statm: is empty") }
        let words = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            .split(separator: " ")
        guard words.count > 1, let resident = Int(words[1]) else {
            throw TelemetryError(.file, "/proc/self/statm: cannot be understood")
        }
        return resident * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
