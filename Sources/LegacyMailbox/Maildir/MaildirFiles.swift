import Glibc

/// The files of a maildir: of the directory itself and of every directory below that has `cur` or `new`. Where there is
/// none of either anywhere, every file is a mail and every directory a folder.
///
/// Names are bytes, as the system has them. Links are followed; a directory is entered once, whatever leads to it.
enum MaildirFiles {
    struct File: Hashable {
        var path: [UInt8]
        /// `inbox` for the maildir itself, else the folder's path in lower case without its leading dot.
        var folder: [UInt8]
        /// The letters behind `:2,`.
        var flags: [UInt8]
        /// Of the file itself; microseconds since 1970.
        var modified: Int64
    }

    /// What is there, by path.
    struct Listing {
        var mails: [File] = []
        /// What is left alone, and why.
        var others: [(path: [UInt8], why: MailOddity)] = []
    }

    /// The largest file that is read whole.
    static let readLimit = 128 << 20
    private static let depthLimit = 16

    /// - Throws: `LegacyError` with `inputOutput` when the directory cannot be read or holds no maildir.
    static func list(_ directory: String) throws(LegacyError) -> Listing {
        var walk = Walk()
        let top = Array(directory.utf8)
        guard let status = status(top), names(top) != nil else {
            throw LegacyError(.inputOutput, "cannot read: \(directory): \(String(cString: strerror(errno)))")
        }
        walk.entered.insert(Place(status))
        visit(top, relative: [], depth: 0, &walk)
        let hasMaildir = walk.maildirs > 0
        var listing = Listing(mails: hasMaildir ? walk.mails : walk.files, others: walk.others)
        if hasMaildir { listing.others += walk.files.map { ($0.path, beside($0)) } }
        guard hasMaildir || !listing.mails.isEmpty else {
            throw LegacyError(.inputOutput, "no maildir: \(directory): it has no cur or new, nor any file below")
        }
        listing.mails.sort { $0.path.lexicographicallyPrecedes($1.path) }
        listing.others.sort { $0.path.lexicographicallyPrecedes($1.path) }
        return listing
    }

    /// What a file is that lies beside a maildir.
    private static func beside(_ file: File) -> MailOddity {
        guard let (bytes, _) = read(file.path, limit: 4_096) else { return .unreadable }
        return Mbox.begins(bytes[...]) ? .mbox : .notMail
    }

    /// A directory, whatever it is called.
    private struct Place: Hashable {
        var device: UInt
        var number: UInt

        init(_ status: stat) {
            device = UInt(status.st_dev)
            number = UInt(status.st_ino)
        }
    }

    /// What was found on the way.
    private struct Walk {
        /// Directories named `cur` or `new`.
        var maildirs = 0
        /// Files in those.
        var mails: [File] = []
        /// Files elsewhere.
        var files: [File] = []
        var others: [(path: [UInt8], why: MailOddity)] = []
        var entered: Set<Place> = []
    }

    private static func visit(_ path: [UInt8], relative: [UInt8], depth: Int, _ walk: inout Walk) {
        guard let names = names(path) else { return walk.others.append((path, .unreadable)) }
        for name in names {
            let child = path + [UInt8(ascii: "/")] + name
            guard let status = status(child) else {
                walk.others.append((child, .notMail))
                continue
            }
            guard status.st_mode & S_IFMT == S_IFDIR else {
                if let file = file(child, name, relative, status) {
                    walk.files.append(file)
                } else {
                    walk.others.append((child, .notMail))
                }
                continue
            }
            guard walk.entered.insert(Place(status)).inserted else {
                walk.others.append((child, .loop))
                continue
            }
            switch String(decoding: name, as: UTF8.self) {
            case "cur", "new": takeAll(child, relative, &walk)
            case "tmp": leaveAll(child, &walk)
            default:
                guard depth < depthLimit else {
                    walk.others.append((child, .tooDeep))
                    continue
                }
                let below = relative.isEmpty ? name : relative + [UInt8(ascii: "/")] + name
                visit(child, relative: below, depth: depth + 1, &walk)
            }
        }
    }

    /// The mails of `cur` or `new`.
    private static func takeAll(_ path: [UInt8], _ relative: [UInt8], _ walk: inout Walk) {
        walk.maildirs += 1
        guard let names = names(path) else { return walk.others.append((path, .unreadable)) }
        for name in names {
            let child = path + [UInt8(ascii: "/")] + name
            if let status = status(child), let file = file(child, name, relative, status) {
                walk.mails.append(file)
            } else {
                walk.others.append((child, .notMail))
            }
        }
    }

    /// What was never delivered whole.
    private static func leaveAll(_ path: [UInt8], _ walk: inout Walk) {
        guard let names = names(path) else { return walk.others.append((path, .unreadable)) }
        walk.others += names.map { (path + [UInt8(ascii: "/")] + $0, .notMail) }
    }

    /// - Returns: `nil` for what is hidden, or no file.
    private static func file(_ path: [UInt8], _ name: [UInt8], _ relative: [UInt8], _ status: stat) -> File? {
        guard name.first != UInt8(ascii: "."), status.st_mode & S_IFMT == S_IFREG else { return nil }
        return File(
            path: path, folder: folder(relative), flags: flags(name),
            modified: Int64(status.st_mtim.tv_sec) * 1_000_000)
    }

    private static func folder(_ relative: [UInt8]) -> [UInt8] {
        if relative.isEmpty { return LegacyFolder.inbox }
        let name = relative.first == UInt8(ascii: ".") ? Array(relative.dropFirst()) : relative
        let text = Array(String(decoding: Ascii.lowered(name), as: UTF8.self).utf8)
        return text.isEmpty ? LegacyFolder.inbox : MailSubject.cut(text, to: LegacyText.nameBytes)
    }

    private static func flags(_ name: [UInt8]) -> [UInt8] {
        let mark = Array(":2,".utf8)
        guard let start = name.indices.first(where: { name[$0...].starts(with: mark) }) else { return [] }
        return Array(name[(start + mark.count)...])
    }

    // MARK: - The system

    /// - Returns: `nil` for a link to nowhere, and where the system does not say.
    private static func status(_ path: [UInt8]) -> stat? {
        var found = stat()
        return withPath(path) { stat($0, &found) } == 0 ? found : nil
    }

    /// - Returns: `nil` when the directory cannot be read.
    private static func names(_ path: [UInt8]) -> [[UInt8]]? {
        guard let directory = withPath(path, { opendir($0) }) else { return nil }
        defer { closedir(directory) }
        var names: [[UInt8]] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
            if name != Array(".".utf8) && name != Array("..".utf8) { names.append(name) }
        }
        return names.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// - Returns: the bytes and whether the file was longer; `nil` when it cannot be read.
    static func read(_ path: [UInt8], limit: Int = readLimit) -> (bytes: [UInt8], isCut: Bool)? {
        let descriptor = withPath(path) { open($0, O_RDONLY | O_CLOEXEC | O_NONBLOCK) }
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

    private static func withPath<Result>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> Result) -> Result {
        (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { body($0.baseAddress!) }
    }

    /// A path on one line: what is no text, and control characters, as `\xNN`.
    static func text(_ path: [UInt8]) -> String {
        let isText = String(validating: path, as: UTF8.self) != nil
        let digits = Array("0123456789abcdef".utf8)
        var line: [UInt8] = []
        for byte in path {
            if byte < 32 || byte == 127 || byte > 127 && !isText {
                line += Array("\\x".utf8) + [digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            } else {
                line.append(byte)
            }
        }
        return String(decoding: line, as: UTF8.self)
    }
}
