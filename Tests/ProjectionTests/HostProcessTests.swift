import Projection
import TestSupport
import Testing
import ViewStorage

/// What a lease may take for dead.
@Suite struct HostProcessTests {
    private func owner(replacing part: Int, with text: String) -> LeaseOwner {
        var parts = HostProcess.owner(tag: "test").text.split(separator: "|", omittingEmptySubsequences: false)
        parts[part] = Substring(text)
        return LeaseOwner(text: parts.joined(separator: "|"))
    }

    @Test func whatRunsIsNotDead() {
        #expect(!HostProcess.isDead(HostProcess.owner(tag: "test")))
    }

    @Test func aProcessIdThatNobodyHasIsDead() throws {
        let child = try ChildProcess("projector-process", [])
        child.wait()
        #expect(HostProcess.isDead(owner(replacing: 2, with: "\(child.id)")))
    }

    @Test func aProcessThatStartedAtAnotherTimeIsAnotherProcess() {
        #expect(HostProcess.isDead(owner(replacing: 3, with: "1")))
    }

    @Test func ofOtherMachinesNamespacesAndUnknownStartsNothingIsKnown() {
        #expect(!HostProcess.isDead(owner(replacing: 0, with: "another-boot")))
        #expect(!HostProcess.isDead(owner(replacing: 1, with: "another-namespace")))
        #expect(!HostProcess.isDead(owner(replacing: 3, with: "0")))
        #expect(!HostProcess.isDead(LeaseOwner(text: "somebody")))
    }
}
