import Glibc

/// The files of a maildir: of the directory itself and of every directory below that has `cur` or `new`. Where there is
/// none of either anywhere, every file is a mail and every directory a folder.
enum MaildirFiles {
    struct File: Hashable {
        var path: String
        /// `inbox` for the maildir itself, else the folder's path in lower case without its leading dot.
        var folder: [UInt8]
        /// The letters behind `:2,`.
        var flags: String
        /// Of the file itself; microseconds since 1970.
        var modified: Int64
    }

    /// The largest file that is read whole.
    static let readLimit = 128 << 20
    private static let depthLimit = 16

    /// - Throws: `LegacyError` with `inputOutput` when the directory cannot be read or holds no maildir.
    static func list(_ directory: String) throws(LegacyError) -> [File] {
        var walk = Walk()
        try visit(directory, relative: "", depth: 0, &walk)
        let files = walk.maildirs > 0 ? walk.mails : walk.others
        guard walk.maildirs > 0 || !files.isEmpty else {
            throw LegacyError(.inputOutput, "no maildir: \(directory): it has no cur or new, nor any file below")
        }
        return files.sorted { $0.path < $1.path }
    }

    /// What was found on the way.
    private struct Walk {
        /// Directories named `cur` or `new`.
        var maildirs = 0
        /// Files in those.
        var mails: [File] = []
        /// Files elsewhere.
        var others: [File] = []
    }

    private static func visit(
        _ path: String, relative: String, depth: Int, _ walk: inout Walk
    ) throws(LegacyError) {
        guard depth <= depthLimit else { return }
        for name in try names(path) {
            let child = "\(path)/\(name)"
            guard let status = status(child) else { continue }
            let isDirectory = status.st_mode & S_IFMT == S_IFDIR
            if isDirectory && (name == "cur" || name == "new") {
                walk.maildirs += 1
                for file in try names(child) {
                    if let found = mail("\(child)/\(file)", file, relative) { walk.mails.append(found) }
                }
            } else if isDirectory {
                if name == "tmp" { continue }
                try visit(child, relative: relative.isEmpty ? name : "\(relative)/\(name)", depth: depth + 1, &walk)
            } else if let found = mail(child, name, relative) {
                walk.others.append(found)
            }
        }
    }

    private static func mail(_ path: String, _ name: String, _ relative: String) -> File? {
        guard !name.hasPrefix("."), let status = status(path), status.st_mode & S_IFMT == S_IFREG else { return nil }
        return File(
            path: path, folder: folder(relative), flags: flags(name),
            modified: Int64(status.st_mtim.tv_sec) * 1_000_000)
    }

    private static func folder(_ relative: String) -> [UInt8] {
        if relative.isEmpty { return LegacyFolder.inbox }
        let name = Ascii.lowered(Array(relative.utf8))
        return Array((name.first == UInt8(ascii: ".") ? Array(name.dropFirst()) : name).prefix(LegacyText.nameBytes))
    }

    private static func flags(_ name: String) -> String {
        guard let range = name.range(of: ":2,") else { return "" }
        return String(name[range.upperBound...])
    }

    private static func status(_ path: String) -> stat? {
        var found = stat()
        return stat(path, &found) == 0 ? found : nil
    }

    private static func names(_ path: String) throws(LegacyError) -> [String] {
        guard let directory = opendir(path) else {
            throw LegacyError(.inputOutput, "cannot read: \(path): \(String(cString: strerror(errno)))")
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// - Returns: the bytes and whether the file was longer; `nil` when it cannot be read.
    static func read(_ path: String, limit: Int = readLimit) -> (bytes: [UInt8], isCut: Bool)? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 18)
        while bytes.count <= limit {
            let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
            if count < 0 {
                if errno == EINTR { continue }
                return nil
            }
            if count == 0 { return (bytes, false) }
            bytes += chunk[..<count]
        }
        return (Array(bytes.prefix(limit)), true)
    }
}

extension String {
    /// Where a text stands, without Foundation.
    fileprivate func range(of text: String) -> Range<String.Index>? {
        let (bytes, wanted) = (utf8, Array(text.utf8))
        var at = bytes.startIndex
        while at != bytes.endIndex {
            if bytes[at...].starts(with: wanted) { return at..<bytes.index(at, offsetBy: wanted.count) }
            at = bytes.index(after: at)
        }
        return nil
    }
}
