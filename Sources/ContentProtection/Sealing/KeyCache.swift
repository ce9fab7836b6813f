/// A bounded memory of keys a sealer has used; the one not used for longest goes first.
struct KeyCache {
    struct Name: Hashable {
        var owner: KeyOwner
        /// 0 stands for the owner's current key, whichever generation that is.
        var generation: KeyGeneration
    }

    enum Entry {
        case key(CachedKey)
        case destroyed
    }

    private struct Node {
        var name: Name
        var entry: Entry
        var newer: Int32
        var older: Int32
    }

    /// How many entries are kept.
    let capacity: Int
    private var places: [Name: Int32] = [:]
    private var nodes: ContiguousArray<Node> = []
    private var newest: Int32 = -1
    private var oldest: Int32 = -1

    init(capacity: Int) {
        precondition(capacity >= 2 && capacity < Int32.max, "a message needs two keys")
        self.capacity = capacity
    }

    var count: Int { nodes.count }

    mutating func entry(_ name: Name) -> Entry? {
        guard let place = places[name] else { return nil }
        if place != newest {
            unlink(place)
            linkNewest(place)
        }
        return nodes[Int(place)].entry
    }

    mutating func insert(_ entry: Entry, _ name: Name) {
        if let place = places[name] {
            nodes[Int(place)].entry = entry
            return
        }
        let place: Int32
        if nodes.count < capacity {
            place = Int32(nodes.count)
            nodes.append(Node(name: name, entry: entry, newer: -1, older: -1))
        } else {
            place = oldest
            unlink(place)
            places[nodes[Int(place)].name] = nil
            nodes[Int(place)].name = name
            nodes[Int(place)].entry = entry
        }
        places[name] = place
        linkNewest(place)
    }

    mutating func removeAll() {
        places.removeAll(keepingCapacity: true)
        nodes.removeAll(keepingCapacity: true)
        newest = -1
        oldest = -1
    }

    private mutating func unlink(_ place: Int32) {
        let (newer, older) = (nodes[Int(place)].newer, nodes[Int(place)].older)
        if newer >= 0 { nodes[Int(newer)].older = older } else { newest = older }
        if older >= 0 { nodes[Int(older)].newer = newer } else { oldest = newer }
    }

    private mutating func linkNewest(_ place: Int32) {
        nodes[Int(place)].newer = -1
        nodes[Int(place)].older = newest
        if newest >= 0 { nodes[Int(newest)].newer = place } else { oldest = place }
        newest = place
    }
}

/// A key with what is derived from it.
final class CachedKey {
    let generation: KeyGeneration
    let secret: SecretKey
    /// The key of payload digests, derived when first needed; of conversations' keys only.
    var digestKey: SecretKey?

    init(generation: KeyGeneration, secret: SecretKey) {
        self.generation = generation
        self.secret = secret
    }
}
