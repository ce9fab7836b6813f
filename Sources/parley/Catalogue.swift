import Arguments

/// Every subcommand, in the order of the help text. A new one is a file in `Commands` and a line here.
enum Catalogue {
    static var commands: [any Subcommand.Type] {
        [
            AppendCommand.self, SampleCommand.self, EraseCommand.self,
            SendCommand.self, EditCommand.self, DeleteCommand.self, ReactCommand.self, ReadCommand.self,
            StarCommand.self, HideCommand.self, ArchiveCommand.self, MuteCommand.self, CreateCommand.self,
            RenameCommand.self, CloseCommand.self,
            MailboxCommand.self, ConversationCommand.self, MessageCommand.self, UnreadCommand.self, StarsCommand.self,
            ReceiptsCommand.self, ParticipantsCommand.self, RejectionsCommand.self, ExportCommand.self,
            DumpCommand.self, LogCommand.self,
            NodeCommand.self, ProjectCommand.self, StatusCommand.self, ReplayCommand.self, VerifyViewCommand.self,
            ExplainCommand.self, BaselineCommand.self,
            MigrateCommand.self, TopicsCommand.self, BenchCommand.self,
            CompletionsCommand.self, LegacyCommand.self, ReplicateCommand.self, LanesCommand.self, RedriveCommand.self,
        ]
    }

    static let program = ProgramDeclaration(
        name: "parley", version: "0.1.0",
        summary: "messaging on an append-only log of commands, with two views built from it.",
        options: GlobalOptions.all, commands: commands.map { $0.declaration },
        configurationOption: GlobalOptions.configuration.declaration.name, families: [GlobalOptions.kafka])
}

/// The headings of the help text.
enum Section {
    static let writing = "Writing"
    static let byHand = "Writing by hand"
    static let reading = "Reading"
    static let running = "Running"
}
