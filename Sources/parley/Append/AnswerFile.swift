import Arguments
import Glibc
import MessagingService
import Wire

/// The file that `--answers` names: made anew, or gone on with behind its last whole line.
final class AnswerFile {
    /// Where the answers that were there stopped.
    let resumePoint: ResumePoint
    private let output: FileOutput
    private var writer = JSONWriter()

    /// - Parameter resumes: whether to go on with what is there.
    /// - Throws: `Failure`.
    init(_ path: String, resumes: Bool) throws {
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | (resumes ? 0 : O_TRUNC)
        let descriptor = open(path, flags, 0o666)
        guard descriptor >= 0 else {
            throw Failure(
                .cannotCreate, "cannot create: \(path): \(String(cString: strerror(errno))): name another file")
        }
        output = FileOutput(descriptor: descriptor, name: path)
        resumePoint = resumes ? try Self.resumePoint(descriptor, path) : ResumePoint()
    }

    /// Writes the answers and hands them to the system.
    func write(_ answers: [LineAnswer]) throws {
        writer.removeAll()
        for answer in answers { AnswerLine.write(answer, to: &writer) }
        try output.write(writer.bytes)
        try output.flush()
    }

    /// Reads what is there and cuts off a last line that is not whole.
    private static func resumePoint(_ descriptor: Int32, _ path: String) throws -> ResumePoint {
        do {
            let point = try ResumePoint { bytes in
                try InputFile.append(to: &bytes, from: descriptor, name: path, atMost: 1 << 20) == 0 ? .end : .more
            }
            guard ftruncate(descriptor, off_t(point.wholeBytes)) == 0,
                lseek(descriptor, off_t(point.wholeBytes), SEEK_SET) >= 0
            else {
                throw Failure(.inputOutput, "cannot write: \(path): \(String(cString: strerror(errno)))")
            }
            return point
        } catch let malformed as ResumePoint.Malformed {
            throw Failure(
                .badInput,
                "not answers: \(path):\(malformed.line): \(malformed.reason): name the answers of the interrupted run")
        }
    }
}
