import Glibc

/// What this process holds in memory, as the kernel counts it.
public enum ProcessMemory {
    /// The most that it held at once since it began, or since ``forgetPeak()``, in bytes; 0 where the kernel does not say.
    public static func peakBytes() -> Int64 {
        guard let file = fopen("/proc/self/status", "re") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("VmHWM:") else { continue }
            let kibibytes = text.split(whereSeparator: { $0 == " " || $0 == "\t" }).dropFirst().first.flatMap {
                Int64($0)
            }
            return (kibibytes ?? 0) * 1024
        }
        return 0
    }

    /// Begins anew with what is held now.
    public static func forgetPeak() {
        guard let file = fopen("/proc/self/clear_refs", "we") else { return }
        fputs("5", file)
        fclose(file)
    }
}
