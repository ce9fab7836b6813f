import ContentProtection
import Glibc
import Messaging

/// Another process on a key store: `KeyStoreProbe FILE MASTER-KEY-FILE COUNT SEED`.
///
/// Asks for the current keys of the conversations 0 to COUNT - 1 in an order shuffled by the seed, in batches of 1 to
/// 20, and prints a line for each once it is durable: its number and a keyed digest that only that key gives.
@main
struct KeyStoreProbe {
    static func main() {
        do { try run(CommandLine.arguments) } catch {
            let text = Array("\(error)\n".utf8)
            write(2, text, text.count)
            exit(1)
        }
    }

    private static func run(_ arguments: [String]) throws {
        guard arguments.count == 5, let count = UInt64(arguments[3]), let seed = UInt64(arguments[4]) else {
            print("usage: KeyStoreProbe FILE MASTER-KEY-FILE COUNT SEED")
            exit(64)
        }
        let service = try SQLiteKeyService(
            file: arguments[1], masterKey: MasterKey(file: arguments[2]), ifMissing: .create)
        let sealer = try ContentSealer(keys: service)
        var generator = Generator(state: seed)
        var numbers = Array(0..<count).shuffled(using: &generator)[...]
        while !numbers.isEmpty {
            let batch = numbers.prefix(Int.random(in: 1...20, using: &generator))
            numbers = numbers.dropFirst(batch.count)
            try sealer.beginBatch(sealingFor: batch.map { .conversation(conversation($0)) })
            for number in batch {
                let digest = try sealer.digest(content: [], replyTo: nil, conversation: conversation(number))
                print(number, digest.value)
            }
            fflush(nil)
        }
    }

    static func conversation(_ number: UInt64) -> ConversationID {
        ConversationID(Identifier(high: 0x70_726f_6265, low: number))
    }
}

/// SplitMix64: the same numbers for the same seed, everywhere.
struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var word = state
        word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
        word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
        return word ^ word >> 31
    }
}
