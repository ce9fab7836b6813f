import EventLog

/// How many partitions the topics on Kafka had when the deployment was first opened: a key's partition depends on it.
struct FixedPartitions {
    var counts: PartitionCounts

    init(counts: PartitionCounts) { self.counts = counts }

    private var text: String {
        "# Fixed for the life of this deployment.\n"
            + Topic.allCases.map { "\($0.name) = \(counts[$0])\n" }.joined()
    }

    /// - Returns: `nil` when there is no such file.
    static func read(in directory: DataDirectory) throws(DeploymentError) -> FixedPartitions? {
        guard let text = try SettledFile.read(directory.partitions) else { return nil }
        return try FixedPartitions(text, directory.partitions)
    }

    /// Writes the file; when another process was faster, checks that it says the same.
    func settle(in directory: DataDirectory) throws(DeploymentError) {
        let there = try FixedPartitions(SettledFile.write(text, to: directory.partitions), directory.partitions)
        guard there.counts == counts else {
            throw DeploymentError(
                .configuration,
                "the partitions: \(directory.partitions): another process opened other topics with this directory at the "
                    + "same time: give each log a directory of its own")
        }
    }

    private init(_ text: String, _ path: String) throws(DeploymentError) {
        var numbers: [Int32] = []
        for topic in Topic.allCases {
            let word = SettledFile.value(of: topic.name, in: text)
            guard let number = word.flatMap({ Int32($0) }), number >= 1, number <= 32_768 else {
                throw DeploymentError(
                    .configuration,
                    "no partitions of \(topic.name): \(path): the file is damaged: restore it, or remove it if the topics are "
                        + "the right ones")
            }
            numbers.append(number)
        }
        counts = PartitionCounts(conversationCommands: numbers[0], memberCommands: numbers[1], legacyWrites: numbers[2])
    }
}
