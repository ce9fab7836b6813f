import Arguments
import Glibc

/// What a command says and hears: data on standard output, everything else on standard error, signals to stop.
///
/// Used from the thread that runs the command, except `stop`, which any thread may ask.
final class Console {
    let output: FileOutput
    let stop: StopSignal
    /// Whether answers are JSON (`--json`).
    let json: Bool
    /// Whether progress is shown: on a terminal, or with `--progress`.
    let showsProgress: Bool

    init(output: FileOutput, stop: StopSignal, json: Bool, progress: Bool) {
        self.output = output
        self.stop = stop
        self.json = json
        showsProgress = progress || isatty(STDERR_FILENO) == 1
    }

    /// One line on standard error, `parley: ...`. Never fails: there is nowhere left to say so.
    static func complain(_ message: String) { note("parley: \(message)") }

    /// One line on standard error, as it is.
    static func note(_ line: String) { write(line + "\n") }

    /// Text on standard error, as it is.
    static func write(_ text: String) {
        let bytes = Array(text.utf8)
        bytes.withUnsafeBytes { raw in
            var written = 0
            while written < raw.count {
                let count = Glibc.write(STDERR_FILENO, raw.baseAddress! + written, raw.count - written)
                if count > 0 { written += count } else if errno != EINTR { return }
            }
        }
    }
}
