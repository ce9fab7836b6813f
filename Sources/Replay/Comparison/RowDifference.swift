public import Projection
public import ViewStorage

/// One row that is not the same in the live view and in the rebuilt one.
public struct RowDifference: Sendable, Equatable {
    public enum Kind: String, Sendable {
        /// The live view lacks it.
        case missing
        /// Only the live view has it.
        case extra
        /// Both have it, with other values.
        case changed
    }

    /// A column with its value.
    public struct Field: Sendable, Equatable {
        public var name: String
        public var value: StoredValue

        public init(name: String, value: StoredValue) {
            self.name = name
            self.value = value
        }
    }

    /// A column whose values differ.
    public struct Change: Sendable, Equatable {
        public var name: String
        public var live: StoredValue
        public var rebuilt: StoredValue

        public init(name: String, live: StoredValue, rebuilt: StoredValue) {
            self.name = name
            self.live = live
            self.rebuilt = rebuilt
        }
    }

    public var view: ProjectionName
    public var table: String
    public var kind: Kind
    /// The primary key, in its order.
    public var key: [Field]
    /// Of a changed row; of others empty.
    public var changes: [Change]
    /// Of a missing row, all that it should hold, by column; of others empty.
    public var row: [Field]

    public init(
        view: ProjectionName, table: String, kind: Kind, key: [Field], changes: [Change], row: [Field] = []
    ) {
        self.row = row
        self.view = view
        self.table = table
        self.kind = kind
        self.key = key
        self.changes = changes
    }
}
