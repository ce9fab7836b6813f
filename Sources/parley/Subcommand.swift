import Arguments

/// One word of the command line. A file each, wiring only: what it does lives in the targets below.
protocol Subcommand {
    static var declaration: CommandDeclaration { get }

    /// Does the work.
    /// - Returns: `.done`, or `.no` when it is done and the answer is no.
    /// - Throws: `Failure`, or an error that `Failure.init(_:)` knows.
    static func run(_ arguments: ParsedArguments, _ console: Console) throws -> ExitCode
}
