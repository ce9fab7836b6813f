import Messaging

/// What a deployment was made with and must always be opened with, in a small file of its directory.
struct FixedSettings: Equatable {
    /// From which the ids of direct conversations come.
    var namespace: Identifier

    private var text: String { "# Fixed for the life of this deployment.\nnamespace = \(namespace)\n" }

    /// Writes the file where there is none yet, else checks that it says the same.
    /// - Throws: `DeploymentError` with `configuration` when it says something else.
    func settle(in directory: DataDirectory) throws(DeploymentError) {
        let path = directory.settings
        let text =
            if let there = try SettledFile.read(path) { there } else { try SettledFile.write(text, to: path) }
        guard let namespace = SettledFile.value(of: "namespace", in: text).flatMap({ Identifier(text: $0.utf8) }) else {
            throw DeploymentError(
                .configuration, "no namespace: \(path): the file is damaged: restore it, or write \"namespace = UUID\"")
        }
        guard namespace == self.namespace else {
            throw DeploymentError(
                .configuration,
                "the namespace: \(path): this deployment was made with \(namespace), not \(self.namespace): set it so, or "
                    + "choose another directory")
        }
    }
}
